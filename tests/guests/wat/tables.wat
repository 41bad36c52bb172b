;; Eight tables of 100,000 elements each: it is their sum that counts.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
    (table 100000 funcref)
    (table 100000 funcref)
    (table 100000 funcref)
    (table 100000 funcref)
    (table 100000 funcref)
    (table 100000 funcref)
    (table 100000 funcref)
    (table 100000 funcref))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
