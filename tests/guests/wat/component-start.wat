;; Has a start function of the component itself.
(component
  (core module $start (func (export "run")))
  (core instance $start (instantiate $start))
  (func $run (canon lift (core func $start "run")))
  (start $run)
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
