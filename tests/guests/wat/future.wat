;; Uses a proposal that is switched off: a future.
(component
  (type (future u8))
  (instance $message-parser)
  (export "kafka-soar:parser/message-parser@1.0.0" (instance $message-parser)))
