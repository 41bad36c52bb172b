;; Uses a proposal that is switched off: two memories in one module.
(component
  (core module $parser
    (memory (export "memory") 1)
    (memory 1)
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
