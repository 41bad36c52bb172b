;; Asks WASI for the directories that it may open, and traps if there is one. `wasi:filesystem` is
;; linked, because some toolchains insist on it, and grants nothing.
(component
  (import "wasi:filesystem/types@0.2.0" (instance $types
    (export "descriptor" (type (sub resource)))))
  (alias export $types "descriptor" (type $descriptor))
  (import "wasi:filesystem/preopens@0.2.0" (instance $preopens
    (alias outer 1 $descriptor (type $descriptor-))
    (export "descriptor" (type $descriptor (eq $descriptor-)))
    (type $own (own $descriptor))
    (type $entry (tuple $own string))
    (type $entries (list $entry))
    (export "get-directories" (func (result $entries)))))
  ;; The memory comes from a module of its own: lowering the import needs it.
  (core module $memory
    (memory (export "memory") 1)
    ;;; include core
    (export "realloc" (func $realloc)))
  (core instance $memory (instantiate $memory))
  (core func $get-directories (canon lower
    (func $preopens "get-directories")
    (memory $memory "memory")
    (realloc (func $memory "realloc"))))
  (core module $main
    (import "memory" "memory" (memory 1))
    (import "memory" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
    (import "wasi" "get-directories" (func $get-directories (param i32)))
    (export "memory" (memory 0))
    (export "realloc" (func $realloc))
    (func (export "parse") (param i32) (result i32)
      ;; Address and number of the entries are written to 48 and 52.
      (call $get-directories (i32.const 48))
      (if (i32.load (i32.const 52)) (then unreachable))
      (i32.const 0))
    (func (export "post-return") (param i32)))
  (core instance $parser (instantiate $main
    (with "memory" (instance $memory))
    (with "wasi" (instance (export "get-directories" (func $get-directories))))))
  ;;; include export
)
