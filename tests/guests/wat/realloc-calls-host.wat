;; Calls the host while the host hands it the batch.
(component
  (import "wasi:random/random@0.2.0" (instance $random
    (export "get-random-u64" (func (result u64)))))
  (core func $random (canon lower (func $random "get-random-u64")))
  (core module $parser
    (import "host" "call" (func $call (result i64)))
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (drop (call $call))
      (i32.const 1024))
    (func (export "parse") (param i32) (result i32) (i32.const 0))
    (func (export "post-return") (param i32)))
  (core instance $parser (instantiate $parser
    (with "host" (instance (export "call" (func $random))))))
  ;;; include export
)
