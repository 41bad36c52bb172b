;; A parser that wants to send what it reads.
(component
  (import "wasi:http/outgoing-handler@0.2.0" (instance))
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
