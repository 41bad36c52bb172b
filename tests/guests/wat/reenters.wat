;; Calls itself by way of a component inside, while it is being called.
(component
  (core module $parser
    (memory (export "memory") 1)
    (table (export "table") 1 funcref)
    (type $call (func))
    ;;; include around
    (func (export "victim"))
    (func (export "parse") (param i32) (result i32)
      (call_indirect (type $call) (i32.const 0))
      (i32.const 0)))
  (core instance $parser (instantiate $parser))
  (func $victim (canon lift (core func $parser "victim")))
  (component $inside
    (import "victim" (func $victim))
    (core func $victim (canon lower (func $victim)))
    (core module $caller
      (import "outside" "victim" (func $victim))
      (func (export "call") (call $victim)))
    (core instance $caller (instantiate $caller
      (with "outside" (instance (export "victim" (func $victim))))))
    (func (export "call") (canon lift (core func $caller "call"))))
  (instance $inside (instantiate $inside (with "victim" (func $victim))))
  (core func $call (canon lower (func $inside "call")))
  (core module $link
    (import "parser" "table" (table 1 funcref))
    (import "inside" "call" (func $call))
    (elem (i32.const 0) func $call))
  (core instance (instantiate $link
    (with "parser" (instance $parser))
    (with "inside" (instance (export "call" (func $call))))))
  ;;; include export
)
