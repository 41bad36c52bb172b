;; Crashes in a function whose name clears the screen and forges a line.
(component
  (core module $parser
    (memory (export "memory") 1)
    ;;; include around
    (func $named (@name "\1b[2J\0aERROR forged\u{202e}") unreachable)
    (func (export "parse") (param i32) (result i32)
      (call $named)
      (i32.const 0)))
  (core instance $parser (instantiate $parser))
  ;;; include export
)
