module {{name}}

go 1.24

require github.com/kafka-soar/kafka-soar/parser-sdk/go v0.0.0

replace github.com/kafka-soar/kafka-soar/parser-sdk/go => ./sdk
