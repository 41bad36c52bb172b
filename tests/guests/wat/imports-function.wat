;; Wants a function instead of an interface.
(component
  (import "read-file" (func (param "path" string) (result string)))
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
