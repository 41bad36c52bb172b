;; A function that calls itself through a table.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (type $function (func (param i32) (result i32)))
    (table funcref (elem $self))
    (func $self (type $function)
      (i32.add (call_indirect (type $function) (local.get 0) (i32.const 0)) (i32.const 1)))
    (func (export "parse") (param i32) (result i32)
      (call $self (local.get 0))))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
