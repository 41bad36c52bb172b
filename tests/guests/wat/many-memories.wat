;; Twenty modules with a memory each.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
  )
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance (instantiate $parser))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
