;; Rejects a record for a reason that lies behind the end of its memory.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (data (i32.const 36) "\00\80\00\00\01\00\00\00")
    (data (i32.const 0x8000) "\00\00\00\00\ff\ff\0f\00\0a\00\00\00")
    (func (export "parse") (param i32) (result i32) (i32.const 16)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
