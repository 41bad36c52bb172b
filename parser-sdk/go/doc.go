// Package sdk is the Go SDK for message parsers of kafka-soar. A parser turns Kafka messages into SOAR
// containers and artifacts. It is compiled to a WebAssembly component that can reach nothing: no file,
// socket, environment or process.
//
//   - In: a [Batch] and its [Message]s; [Settings] are the asset's, [PollStarted] is the only clock.
//   - Out: an [Output], on which [Container]s and [Artifact]s are written; [Infof] and its like for lines
//     in the log.
//   - An error from the function that [Batch.Each] calls rejects that one message; one from the parser
//     refuses the whole batch.
//   - Package sdktest runs the same parser natively, under plain go test.
//
// What a parser doesn't call its component doesn't import: without settings, poll and log it imports
// nothing at all.
package sdk
