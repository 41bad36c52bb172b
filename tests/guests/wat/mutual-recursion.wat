;; Two functions that call one another for ever.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (func $ping (param i32) (result i32) (i32.add (call $pong (local.get 0)) (i32.const 1)))
    (func $pong (param i32) (result i32) (i32.sub (call $ping (local.get 0)) (i32.const 1)))
    (func (export "parse") (param i32) (result i32)
      (call $ping (local.get 0))))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
