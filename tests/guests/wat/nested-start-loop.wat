;; Never gets as far as its export: the start function of a component inside doesn't return.
(component
  (component $inside
    (core module $start
      (func $start (loop $again (br $again)))
      (start $start))
    (core instance (instantiate $start)))
  (instance (instantiate $inside))
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
