;; Uses a proposal that is switched off: memory with addresses of 64 bits.
(component
  (core module $parser
    (memory (export "memory") i64 1)
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
