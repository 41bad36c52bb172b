;; Never returns.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (func (export "parse") (param i32) (result i32)
      (loop $again (br $again))
      unreachable))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
