;; Has 4 GiB of memory from the start.
(component
  (core module $parser
    (memory (export "memory") 65536)
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
