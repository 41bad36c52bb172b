;; Says that it has 400 million rejections: their length in bytes does not fit an address.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (data (i32.const 36) "\40\00\00\00\00\84\d7\17")
    (func (export "parse") (param i32) (result i32) (i32.const 16)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
