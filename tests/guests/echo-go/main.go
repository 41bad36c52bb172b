// "Echo" in Go: see tests/cases/contract/README.md.
package main

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	sdk "github.com/kafka-soar/kafka-soar/parser-sdk/go"
)

func init() { sdk.Export(parse) }

func main() {}

func parse(batch *sdk.Batch, out *sdk.Output) error {
	var settings struct{ Note string }
	if err := sdk.Settings(&settings); err != nil {
		return err
	}
	started := sdk.PollStarted()
	return batch.Each(out, func(message sdk.Message, out *sdk.Output) error {
		text, err := message.Text()
		if err != nil {
			return err
		}
		switch text {
		case "!refuse":
			return sdk.Refuse("refused as asked")
		case "!trap":
			panic("trapped as asked")
		}
		echo(message, text, settings.Note, started, out)
		return nil
	})
}

func echo(message sdk.Message, text, note string, started time.Time, out *sdk.Output) {
	if line, found := strings.CutPrefix(text, "!log "); found {
		sdk.Infof("%s", line)
	}
	name := fmt.Sprintf("%s/%d/%d", message.Topic(), message.Partition(), message.Offset())
	container := out.Container(name).Description(note)
	if at, known := message.Timestamp(); known {
		container.StartTime(at)
	}
	headers := [][2]any{}
	for _, header := range message.Headers() {
		headers = append(headers, [2]any{header.Name, encoded(header.Value)})
	}
	_, offset := started.Zone()
	out.Artifact(message).Name("echo").
		Cef("key", encoded(message.Key())).
		Cef("message", text).
		Cef("headers", headers).
		Cef("poll", started.UnixMilli()).
		Cef("offset_minutes", offset/60)
}

func encoded(bytes []byte) any {
	if bytes == nil {
		return nil
	}
	return base64.StdEncoding.EncodeToString(bytes)
}
