;; Breaks no rule: what the others differ from. Imports nothing and returns an empty outcome.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
