;; Never takes its batch: the function that the host asks for room doesn't return.
(component
  (core module $parser
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (loop $again (br $again))
      unreachable)
    (func (export "parse") (param i32) (result i32) (i32.const 0))
    (func (export "post-return") (param i32)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
