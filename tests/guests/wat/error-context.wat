;; Uses a proposal that is switched off: an error with a context.
(component
  (type error-context)
  (instance $message-parser)
  (export "kafka-soar:parser/message-parser@1.0.0" (instance $message-parser)))
