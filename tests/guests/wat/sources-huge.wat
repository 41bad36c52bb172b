;; Says that it has a thousand million sources: their length in bytes does not fit an address.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (data (i32.const 28) "\40\00\00\00\01\00\00\40")
    (func (export "parse") (param i32) (result i32) (i32.const 16)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
