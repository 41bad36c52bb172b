;; Uses a proposal that is switched off: memory that threads share.
(component
  (core module $parser
    (memory (export "memory") 1 1 shared)
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
