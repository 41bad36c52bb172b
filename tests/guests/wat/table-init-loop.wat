;; Copies a passive element segment for ever.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (table $table 2 funcref)
    (elem $elements func $realloc $realloc)
    (func (export "parse") (param i32) (result i32)
      (loop $again
        (table.init $table $elements (i32.const 0) (i32.const 0) (i32.const 2))
        (br $again))
      unreachable))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
