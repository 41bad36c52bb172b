;; Neither succeeds nor refuses: there is no third.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (data (i32.const 16) "\02")
    (func (export "parse") (param i32) (result i32) (i32.const 16)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
