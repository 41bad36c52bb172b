;; Uses a proposal that is switched off: more stacks than one.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
    (type $f (func))
    (type $c (cont $f)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
