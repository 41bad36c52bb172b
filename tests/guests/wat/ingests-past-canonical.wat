;; Says that its JSON text is longer than any text may be.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (data (i32.const 20) "\40\00\00\00\00\00\00\10")
    (func (export "parse") (param i32) (result i32) (i32.const 16)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
