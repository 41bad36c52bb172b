;; Four memories of 12 MiB each: it is their sum that counts.
(component
  (core module $parser
    (memory (export "memory") 192)
    ;;; include pure
  )
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
