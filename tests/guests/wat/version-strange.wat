;; Made for a version that is no version.
(component
  (instance $message-parser)
  (export "kafka-soar:parser/message-parser@1.\1b[31m" (instance $message-parser)))
