;; Makes a whole number of what is none.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (func (export "parse") (param i32) (result i32)
      (i32.trunc_f64_s (f64.const nan))))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
