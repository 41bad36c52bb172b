package sdk

import (
	"runtime/debug"
	"strings"

	"github.com/kafka-soar/kafka-soar/parser-sdk/go/internal/contract"
)

// Parser turns the messages of a batch into containers and artifacts. No state outlives a call: every batch
// meets a fresh instance of the component.
//
// An error says that no message of this batch can be handled, and why (a setting is missing, say). The poll
// stops before the batch: nothing of it is delivered or quarantined, and no offset advances. To reject a
// single message, use [Batch.Each].
type Parser func(*Batch, *Output) error

// Each makes a parser of a function for one message: see [Batch.Each].
func Each(parse func(Message, *Output) error) Parser {
	return func(batch *Batch, out *Output) error { return batch.Each(out, parse) }
}

var exported Parser

// Export makes the parser the component's: call it in an init function of package main, once.
func Export(parser Parser) {
	if exported != nil {
		panic("a component exports one parser: Export is called twice")
	}
	exported = parser
}

// LogPanics has a panic write its message and place as an error line before the batch fails; without it,
// nobody learns more than that the parser crashed. Defer it first in a parser. It is opt-in because a
// component that never logs has one import less.
func LogPanics() {
	cause := recover()
	if cause == nil {
		return
	}
	lines := strings.Split(strings.TrimSpace(string(debug.Stack())), "\n")
	Errorf("panic: %v: %s", cause, strings.Join(lines, "; "))
	panic(cause)
}

// Run runs a parser over the columns of a batch. It is there for package sdktest.
func Run(parser Parser, columns *contract.Batch) (contract.Parsed, error) {
	out := new(Output)
	if err := parser(&Batch{columns}, out); err != nil {
		return contract.Parsed{}, err
	}
	return out.finish()
}
