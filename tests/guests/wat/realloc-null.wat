;; Gives the host address 0, where its outcome is: it spoils what it returns, and nothing else.
(component
  (core module $parser
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
    (func (export "parse") (param i32) (result i32) (i32.const 1024))
    (func (export "post-return") (param i32)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
