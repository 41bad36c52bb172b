;; Crashes before it can be called.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
    (func $start unreachable)
    (start $start))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
