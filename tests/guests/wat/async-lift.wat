;; Uses a proposal that is switched off: a function that returns later.
(component
  (core module $parser
    (func (export "run") (result i32) (i32.const 0))
    (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0)))
  (core instance $parser (instantiate $parser))
  (func (export "run") async (canon lift
    (core func $parser "run")
    async
    (callback (func $parser "callback"))))
  (instance $message-parser)
  (export "kafka-soar:parser/message-parser@1.0.0" (instance $message-parser)))
