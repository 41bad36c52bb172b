;; Made for a contract that this host doesn't know.
(component
  (instance $message-parser)
  (export "kafka-soar:parser/message-parser@2.0.0" (instance $message-parser)))
