;; Copies a passive data segment for ever.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (data $data "passive!")
    (func (export "parse") (param i32) (result i32)
      (loop $again
        (memory.init $data (i32.const 64) (i32.const 0) (i32.const 8))
        (br $again))
      unreachable))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
