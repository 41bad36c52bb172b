;; Its list of rejections begins between two numbers.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (data (i32.const 36) "\42\00\00\00\01\00\00\00")
    (func (export "parse") (param i32) (result i32) (i32.const 16)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
