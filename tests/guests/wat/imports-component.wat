;; Wants another component.
(component
  (import "other" (component (export "run" (func))))
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
