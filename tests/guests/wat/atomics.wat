;; Uses a proposal that is switched off: atomic operations.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
    (func (drop (i32.atomic.load (i32.const 0)))))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
