;; Rejects 60,000 records, each for the same megabyte: what is handed over is far more than what there is.
(component
  (core module $parser
    (memory (export "memory") 32)
    ;;; include around
    (data (i32.const 36) "\00\00\02\00\60\ea\00\00")
    ;; Each rejection is filled in at the start: index 0, and the text from 64 to 1 MiB behind it.
    (func $start (local $at i32)
      (local.set $at (i32.const 0x20000))
      (loop $next
        (i32.store offset=4 (local.get $at) (i32.const 64))
        (i32.store offset=8 (local.get $at) (i32.const 0x100000))
        (local.set $at (i32.add (local.get $at) (i32.const 12)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 851072)))))
    (start $start)
    (func (export "parse") (param i32) (result i32) (i32.const 16)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
