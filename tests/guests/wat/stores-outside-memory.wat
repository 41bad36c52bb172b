;; Writes as far behind the end of its memory as an address and an offset reach.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (func (export "parse") (param i32) (result i32)
      (i32.store offset=0xffffffff (i32.const -1) (i32.const 1))
      (i32.const 0)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
