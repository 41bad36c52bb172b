;; Reads from behind the end of its memory.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (func (export "parse") (param i32) (result i32)
      (i32.load (i32.const 0x10000))))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
