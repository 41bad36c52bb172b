;; The right name, and a function of another type behind it.
(component
  (core module $parser
    (func (export "parse") (result i32) (i32.const 0)))
  (core instance $parser (instantiate $parser))
  (func $parse (result u32) (canon lift (core func $parser "parse")))
  (instance $message-parser (export "parse-messages" (func $parse)))
  (export "kafka-soar:parser/message-parser@1.0.0" (instance $message-parser)))
