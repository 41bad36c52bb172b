;; Wants native code of the host's choice: a core module.
(component
  (import "native" (core module (export "run" (func))))
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
