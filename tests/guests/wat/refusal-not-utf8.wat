;; Refuses its batch with a text that is none.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (data (i32.const 16) "\01\00\00\00\00\80\00\00\03\00\00\00")
    (data (i32.const 0x8000) "\ed\a0\80")
    (func (export "parse") (param i32) (result i32) (i32.const 16)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
