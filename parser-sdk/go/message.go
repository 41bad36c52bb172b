package sdk

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/kafka-soar/kafka-soar/parser-sdk/go/internal/contract"
)

// Message is a Kafka record: a view into its batch.
type Message struct {
	batch *contract.Batch
	index int
}

// Header is a record's header.
type Header struct {
	// Name may repeat within a record.
	Name string
	// Value is nil where the header has none, which isn't the same as an empty one.
	Value []byte
}

// Topic is the topic's name.
func (m Message) Topic() string { return m.batch.Topic }

// Index is its index in the batch, from 0.
func (m Message) Index() int { return m.index }

// Partition is the one it was read from.
func (m Message) Partition() int32 { return m.batch.Partitions[m.index] }

// Offset is its offset in that partition.
func (m Message) Offset() int64 { return m.batch.Offsets[m.index] }

// Timestamp tells when it was produced or appended, whichever the topic keeps, in UTC and to the millisecond;
// false when it keeps nothing.
func (m Message) Timestamp() (time.Time, bool) {
	ms := m.batch.Timestamps[m.index]
	return time.UnixMilli(ms).UTC(), ms >= 0
}

// Key is the key's bytes; nil for a message without a key.
func (m Message) Key() []byte { return m.batch.Keys.Get(m.index) }

// KeyText is the key as text, false for a message without a key. It fails when the key isn't UTF-8.
func (m Message) KeyText() (key string, present bool, err error) {
	bytes := m.Key()
	if bytes == nil {
		return "", false, nil
	}
	key, err = text("the key", bytes)
	return key, err == nil, err
}

// Value is the value's bytes; nil is a tombstone. See also [Message.Bytes].
func (m Message) Value() []byte { return m.batch.Values.Get(m.index) }

// Bytes is the value's bytes. It fails when the message has no value.
func (m Message) Bytes() ([]byte, error) {
	value := m.Value()
	if value == nil {
		return nil, errors.New("the message has no value (a tombstone)")
	}
	return value, nil
}

// Text is the value as text. It fails when the message has no value, or one that isn't UTF-8; the error
// names the first byte at fault and its position from 0.
func (m Message) Text() (string, error) {
	bytes, err := m.Bytes()
	if err != nil {
		return "", err
	}
	return text("the value", bytes)
}

// JSON reads the value as encoding/json does. It fails when the message has no value, or one that isn't JSON
// or not of the type; the error names the line and column.
func (m Message) JSON(into any) error {
	value, err := m.Text()
	if err != nil {
		return err
	}
	return unmarshal("the value", value, into)
}

// Headers are the headers in order.
func (m Message) Headers() []Header {
	ends := m.batch.HeaderEnds
	if m.index >= len(ends) {
		return nil
	}
	start := 0
	if m.index > 0 {
		start = int(ends[m.index-1])
	}
	var headers []Header
	for at := start; at < int(ends[m.index]); at++ {
		name := string(m.batch.HeaderNames.Get(at))
		headers = append(headers, Header{name, m.batch.HeaderValues.Get(at)})
	}
	return headers
}

// Header is the value of the last header with this name: where a name repeats, Kafka's clients take the last
// one. nil when there is no such header or it has no value.
func (m Message) Header(name string) []byte {
	var value []byte
	for _, header := range m.Headers() {
		if header.Name == name {
			value = header.Value
		}
	}
	return value
}

func text(what string, bytes []byte) (string, error) {
	if utf8.Valid(bytes) {
		return string(bytes), nil
	}
	position := 0
	for {
		r, size := utf8.DecodeRune(bytes[position:])
		if r == utf8.RuneError && size <= 1 {
			return "", fmt.Errorf("%s isn't UTF-8 text (byte 0x%02x at position %d)", what, bytes[position], position)
		}
		position += size
	}
}
