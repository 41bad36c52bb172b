;; Fills memory from inside to behind its end.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (func (export "parse") (param i32) (result i32)
      (memory.fill (i32.const 0xff00) (i32.const 1) (i32.const 0x101))
      (i32.const 0)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
