;; Never gets as far as its export: the start function doesn't return.
(component
  (core module $parser
    (memory (export "memory") 1)
    (func $start (loop $again (br $again)))
    (start $start)
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
