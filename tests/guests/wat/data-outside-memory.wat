;; Wants to be initialised behind the end of its memory.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
    (data (i32.const 0xfffc) "12345"))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
