;; Wants of a function that there is another type.
(component
  (import "kafka-soar:parser/log@1.0.0" (instance
    (export "write" (func (param "path" string) (result string)))))
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
