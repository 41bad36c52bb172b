;; Looks at the clock until it has moved on.
(component
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (export "now" (func (result u64)))))
  (core func $now (canon lower (func $clock "now")))
  (core module $parser
    (import "host" "now" (func $now (result i64)))
    (memory (export "memory") 1)
    ;;; include around
    (func (export "parse") (param i32) (result i32)
      (local $begun i64)
      (local.set $begun (call $now))
      (loop $again (br_if $again (i64.eq (call $now) (local.get $begun))))
      unreachable))
  (core instance $parser (instantiate $parser
    (with "host" (instance (export "now" (func $now))))))
  ;;; include export
)
