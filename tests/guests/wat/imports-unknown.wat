;; A parser that wants something which nobody ever heard of.
(component
  (import "acme:secrets/vault@1.0.0" (instance (export "read" (func (result string)))))
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
