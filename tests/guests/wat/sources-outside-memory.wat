;; Says that its list of sources goes on behind the end of its memory.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (data (i32.const 28) "\f0\ff\00\00\64\00\00\00")
    (func (export "parse") (param i32) (result i32) (i32.const 16)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
