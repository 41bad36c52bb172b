;; Wants to log as version 2 of the contract would let it.
(component
  (import "kafka-soar:parser/log@2.0.0" (instance
    (export "write" (func (param "text" string)))))
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
