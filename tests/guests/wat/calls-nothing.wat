;; Calls an element of its table that is empty.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (table 1 funcref)
    (func (export "parse") (param i32) (result i32)
      (call_indirect (result i32) (i32.const 0))))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
