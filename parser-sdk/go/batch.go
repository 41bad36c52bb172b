package sdk

import (
	"iter"

	"github.com/kafka-soar/kafka-soar/parser-sdk/go/internal/contract"
)

// Batch is Kafka messages of one topic in the order in which the host read them: offsets ascend within each
// partition, partitions may interleave. Never empty.
//
// How many messages make a batch is up to the asset (10,000 by default), and a poll may take several
// batches.
type Batch struct{ columns *contract.Batch }

// Topic is the topic's name.
func (b *Batch) Topic() string { return b.columns.Topic }

// Len is the number of messages.
func (b *Batch) Len() int { return len(b.columns.Offsets) }

// Messages are the messages in order.
func (b *Batch) Messages() iter.Seq[Message] {
	return func(yield func(Message) bool) {
		for index := range b.Len() {
			if !yield(Message{b.columns, index}) {
				return
			}
		}
	}
}

// Each calls parse with every message in order. When it returns an error, that message is rejected with the
// error's text, what was written on out for it is taken back, and the next message follows. The text is for
// the person who looks after the topic: say what is wrong and where, not the message's data, which may be
// confidential; the connector cuts it at 1 KiB.
//
// Each returns an error only for a [Refuse], which ends it: return it from the parser.
func (b *Batch) Each(out *Output, parse func(Message, *Output) error) error {
	for message := range b.Messages() {
		before := out.mark()
		err := parse(message, out)
		if err == nil {
			err = out.takeFault()
		}
		if isRefusal(err) {
			return err
		}
		if err != nil {
			out.takeBack(before)
			out.Reject(message, err)
		}
	}
	return nil
}
