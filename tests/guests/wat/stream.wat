;; Uses a proposal that is switched off: a stream.
(component
  (type (stream u8))
  (instance $message-parser)
  (export "kafka-soar:parser/message-parser@1.0.0" (instance $message-parser)))
