;; Its outcome begins between two numbers.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (func (export "parse") (param i32) (result i32)
      (i32.const 18)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
