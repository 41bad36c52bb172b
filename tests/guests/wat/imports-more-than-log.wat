;; Wants of an interface that there is a function that it hasn't.
(component
  (import "kafka-soar:parser/log@1.0.0" (instance
    (export "read" (func (result string)))))
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
