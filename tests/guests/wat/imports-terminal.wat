;; Wants an interface whose name clears the screen and says that all is well.
(component
  (import "acme:x/\1b[2J\1b[31m\0a\0dOK: admitted\u{202e}" (instance))
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
