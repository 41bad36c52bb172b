;; Uses a proposal that is switched off: structures that are collected.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
    (type $node (struct (field (mut i32))))
    (func (drop (struct.new $node (i32.const 1)))))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
