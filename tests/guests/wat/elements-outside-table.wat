;; Wants its table to be initialised behind its end.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
    (table 1 funcref)
    (elem (i32.const 1) func $realloc))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
