;; Grows its memory by a page for ever, and minds no refusal.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (func (export "parse") (param i32) (result i32)
      (loop $again
        (drop (memory.grow (i32.const 1)))
        (br $again))
      unreachable))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
