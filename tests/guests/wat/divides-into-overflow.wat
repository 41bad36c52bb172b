;; Divides the least number by -1, which no number is large enough for.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (func (export "parse") (param i32) (result i32)
      (i32.div_s (i32.const 0x80000000) (i32.const -1))))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
