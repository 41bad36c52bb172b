;; Says that its JSON text has a length that is negative where lengths have signs.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (data (i32.const 20) "\40\00\00\00\ff\ff\ff\ff")
    (func (export "parse") (param i32) (result i32) (i32.const 16)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
