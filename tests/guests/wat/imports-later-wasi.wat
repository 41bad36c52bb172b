;; Wants the files of a later WASI.
(component
  (import "wasi:filesystem/types@0.3.0" (instance))
  (core module $parser
    (memory (export "memory") 1)
    ;;; include pure
  )
  (core instance $parser (instantiate $parser))
  ;;; include export
)
