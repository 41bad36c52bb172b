;; Has a table of 100,001 elements from the start.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
    (table 100001 funcref))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
