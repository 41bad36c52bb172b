;; The right name, and a function behind it instead of an interface.
(component
  (core module $parser
    (func (export "parse")))
  (core instance $parser (instantiate $parser))
  (func $parse (canon lift (core func $parser "parse")))
  (export "kafka-soar:parser/message-parser@1.0.0" (func $parse)))
