;; Asks for more than it said it would ever need, and minds no refusal: harmless.
(component
  (core module $parser
    (memory (export "memory") 1 2)
    ;;; include around
    (func (export "parse") (param i32) (result i32)
      (drop (memory.grow (i32.const 60000)))
      (i32.const 0)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
