// Package host is what the connector offers a parser: the contract's imports in a component, and a
// stand-in in a test.
package host

// Level is the contract's enum of the same name.
type Level uint32
