;; Says that its outcome lies behind the end of its memory.
(component
  (core module $parser
    (memory (export "memory") 1 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
    (func (export "parse") (param i32) (result i32) (i32.const 0x7ffffff0))
    (func (export "post-return") (param i32)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
