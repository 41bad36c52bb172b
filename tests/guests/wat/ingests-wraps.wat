;; Says that its JSON text begins at the end of its memory and goes on around the address space.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    ;; An outcome at 16: ok, a text at 0xfffffff0 of 32 bytes.
    (data (i32.const 20) "\f0\ff\ff\ff\20\00\00\00")
    (func (export "parse") (param i32) (result i32) (i32.const 16)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
