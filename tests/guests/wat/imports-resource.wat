;; Wants a resource of an interface that nobody offers.
(component
  (import "acme:vault/keys@1.0.0" (instance
    (export "key" (type (sub resource)))))
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
