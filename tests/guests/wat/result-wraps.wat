;; Its outcome begins at the last address there is.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (func (export "parse") (param i32) (result i32)
      (i32.const -4)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
