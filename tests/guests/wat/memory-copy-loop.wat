;; Is hardly ever outside of a long `memory.copy`.
(component
  (core module $parser
    (memory (export "memory") 256)
    ;;; include around
    (func (export "parse") (param i32) (result i32)
      (loop $again
        (memory.copy (i32.const 0) (i32.const 1) (i32.const 0xffffff))
        (br $again))
      unreachable))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
