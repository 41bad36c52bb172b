module github.com/kafka-soar/kafka-soar/parser-sdk/go

go 1.24
