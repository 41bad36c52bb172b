//go:build !wasip1

// Package sdktest runs a parser natively, in a test.
//
//	parsed, err := sdktest.Batch("topic").Value("hi").Tombstone().Parse(parse)
//	// parsed.Ingests[0].Artifacts[0]["cef"], parsed.Rejections[0].Reason
package sdktest

import (
	"encoding/json"
	"math"
	"time"

	sdk "github.com/kafka-soar/kafka-soar/parser-sdk/go"
	"github.com/kafka-soar/kafka-soar/parser-sdk/go/internal/contract"
	"github.com/kafka-soar/kafka-soar/parser-sdk/go/internal/host"
)

// Given is what a parser is given: messages, settings and the time. Its methods return it, changed.
type Given struct {
	batch     contract.Batch
	headers   [][]sdk.Header
	keys      [][]byte
	values    [][]byte
	connector host.Connector
}

// Record is a Kafka record; without fields set, a tombstone at offset 0 of partition 0.
type Record struct {
	Partition int32
	Offset    int64
	// Timestamp is none when it is the zero time.
	Timestamp time.Time
	// Key is none when it is nil, which isn't the same as an empty one.
	Key []byte
	// Value is none when it is nil, which isn't the same as an empty one.
	Value   []byte
	Headers []sdk.Header
}

// Ingest is a container with its artifacts, as encoding/json reads them.
type Ingest struct {
	Container map[string]any   `json:"container"`
	Artifacts []map[string]any `json:"artifacts"`
}

// Rejection is a message that the parser can't handle.
type Rejection struct {
	// Index of the message in the batch.
	Index  int    `json:"index"`
	Reason string `json:"reason"`
}

// Line is one that the parser wrote to the log.
type Line struct {
	// Level is debug, info, warn or error.
	Level string
	Text  string
}

// Parsed is what a parser made of a batch.
type Parsed struct {
	// Text is the JSON text as the connector gets it; empty when there is no container.
	Text string
	// Ingests are the same, read.
	Ingests []Ingest
	// Sources are, for each artifact, the index of its message; empty when the parser doesn't tell.
	Sources []int
	// Rejections are by index.
	Rejections []Rejection
	Log        []Line
}

// Batch begins a batch of messages of a topic.
func Batch(topic string) *Given {
	return &Given{batch: contract.Batch{Topic: topic}, connector: host.Connector{Settings: "{}"}}
}

// Value adds a message with this value to partition 0, without key, timestamp or headers.
func (g *Given) Value(value string) *Given {
	return g.Record(Record{Offset: g.nextOffset(), Value: []byte(value)})
}

// Tombstone adds a message without a value to partition 0.
func (g *Given) Tombstone() *Given { return g.Record(Record{Offset: g.nextOffset()}) }

// Record adds a record.
func (g *Given) Record(record Record) *Given {
	timestamp := int64(-1)
	if !record.Timestamp.IsZero() {
		timestamp = record.Timestamp.UnixMilli()
	}
	g.batch.Partitions = append(g.batch.Partitions, record.Partition)
	g.batch.Offsets = append(g.batch.Offsets, record.Offset)
	g.batch.Timestamps = append(g.batch.Timestamps, timestamp)
	g.keys = append(g.keys, record.Key)
	g.values = append(g.values, record.Value)
	g.headers = append(g.headers, record.Headers)
	return g
}

// Settings sets parser_settings, JSON text of an object; {} otherwise.
func (g *Given) Settings(json string) *Given {
	g.connector.Settings = json
	return g
}

// Started sets when the poll began, and with its zone the host's; 1970 in UTC otherwise.
func (g *Given) Started(at time.Time) *Given {
	_, east := at.Zone()
	g.connector.StartedUnixMs, g.connector.UTCOffsetMinutes = uint64(at.UnixMilli()), int16(east/60)
	return g
}

// Parse runs a parser and reads what it wrote. The error is what the parser refuses the batch with. Parsers
// in one process run one after the other: not in parallel tests.
func (g *Given) Parse(parser sdk.Parser) (Parsed, error) {
	var result Parsed
	connector := g.connector
	connector.Log = func(level host.Level, text string) {
		levels := [...]string{"debug", "info", "warn", "error"}
		result.Log = append(result.Log, Line{levels[level], text})
	}
	host.Current = &connector
	defer func() { host.Current = nil }()
	parsed, err := sdk.Run(parser, g.columns())
	if err != nil {
		return result, err
	}
	result.Text = string(parsed.Ingests)
	if result.Text != "" {
		if err := json.Unmarshal(parsed.Ingests, &result.Ingests); err != nil {
			return result, err
		}
	}
	for _, source := range parsed.Sources {
		result.Sources = append(result.Sources, int(source))
	}
	for _, one := range parsed.Rejections {
		result.Rejections = append(result.Rejections, Rejection{int(one.Index), one.Reason})
	}
	return result, nil
}

func (g *Given) nextOffset() int64 {
	for at := len(g.batch.Offsets) - 1; at >= 0; at-- {
		if g.batch.Partitions[at] == 0 {
			return g.batch.Offsets[at] + 1
		}
	}
	return 0
}

// columns are the batch as the connector makes it.
func (g *Given) columns() *contract.Batch {
	batch := g.batch
	batch.Keys, batch.Values = column(g.keys), column(g.values)
	var names, values [][]byte
	for _, headers := range g.headers {
		for _, header := range headers {
			names = append(names, []byte(header.Name))
			values = append(values, header.Value)
		}
		batch.HeaderEnds = append(batch.HeaderEnds, narrow(len(names)))
	}
	if len(names) == 0 {
		// A batch without headers has no list of their ends.
		batch.HeaderEnds = nil
	}
	batch.HeaderNames, batch.HeaderValues = column(names), column(values)
	return &batch
}

func column(items [][]byte) contract.Column {
	var column contract.Column
	for index, item := range items {
		column.Bytes = append(column.Bytes, item...)
		column.Ends = append(column.Ends, narrow(len(column.Bytes)))
		if item == nil {
			column.Nulls = append(column.Nulls, narrow(index))
		}
	}
	if len(column.Nulls) == len(items) {
		return contract.Column{}
	}
	return column
}

func narrow(n int) uint32 {
	if n > math.MaxUint32 {
		panic("a batch in a test is below 4 GiB")
	}
	return uint32(n)
}
