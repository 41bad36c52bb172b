;; Uses a proposal that is switched off: exceptions.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
    (tag $oops)
    (func (throw $oops)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
