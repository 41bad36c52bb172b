;; The right name, and nothing in it.
(component
  (instance $message-parser)
  (export "kafka-soar:parser/message-parser@1.0.0" (instance $message-parser)))
