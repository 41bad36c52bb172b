;; Looks for anything behind its first page that somebody left there, and crashes if there is; then
;; leaves its own mark all over.
(component
  (core module $parser
    (memory (export "memory") 512)
    ;;; include around
    (func (export "parse") (param i32) (result i32)
      (local $at i32)
      (local.set $at (i32.const 0x10000))
      (loop $next
        (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then unreachable))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 0x2000000))))
      (memory.fill (i32.const 0x10000) (i32.const 0xaa) (i32.const 0x1ff0000))
      (i32.const 0)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
