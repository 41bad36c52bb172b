;; Copies its table for ever.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (table $table 100000 funcref)
    (func (export "parse") (param i32) (result i32)
      (loop $again
        (table.copy $table $table (i32.const 0) (i32.const 1) (i32.const 99999))
        (br $again))
      unreachable))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
