;; Says that its JSON text goes on behind the end of its memory.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include core
    (export "realloc" (func $realloc))
    ;; An outcome at 16: ok, a text at 0 of 16 MiB.
    (data (i32.const 24) "\00\00\00\01")
    (func (export "parse") (param i32) (result i32) (i32.const 16))
    (func (export "post-return") (param i32)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
