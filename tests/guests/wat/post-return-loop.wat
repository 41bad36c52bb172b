;; Returns an outcome, and is then never done with giving back its memory.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include core
    (export "realloc" (func $realloc))
    (func (export "parse") (param i32) (result i32) (i32.const 0))
    (func (export "post-return") (param i32) (loop $again (br $again))))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
