// The parser {{name}}: a container for each message, named by its first line.
package main

import sdk "github.com/kafka-soar/kafka-soar/parser-sdk/go"

func init() { sdk.Export(sdk.Each(greet)) }

func main() {}

func greet(message sdk.Message, out *sdk.Output) error {
	text, err := message.Text()
	if err != nil {
		return err
	}
	out.Container(sdk.FirstLine(text, 100))
	out.Artifact(message).Cef("message", text)
	return nil
}
