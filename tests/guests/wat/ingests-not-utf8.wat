;; Returns a text that is none.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include core
    (export "realloc" (func $realloc))
    ;; An outcome at 16: ok, a text at 60 of 2 bytes.
    (data (i32.const 20) "\3c\00\00\00\02\00\00\00")
    (data (i32.const 60) "\ff\fe")
    (func (export "parse") (param i32) (result i32) (i32.const 16))
    (func (export "post-return") (param i32)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
