;; Grows a table for ever.
(component
  (core module $parser
    (memory (export "memory") 1)
    (table $table 0 funcref)
    ;;; include core
    (export "realloc" (func $realloc))
    (func (export "parse") (param i32) (result i32)
      (loop $again
        (drop (table.grow $table (ref.null func) (i32.const 1000)))
        (br $again))
      unreachable)
    (func (export "post-return") (param i32)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
