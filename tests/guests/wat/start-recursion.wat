;; The start function calls itself for ever.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
    (func $start (call $start) (global.set $free (i32.const 64)))
    (start $start))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
