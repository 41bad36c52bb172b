;; Uses a proposal that is switched off: pages of one byte.
(component
  (core module $parser
    (memory (export "memory") 1 (pagesize 1))
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
