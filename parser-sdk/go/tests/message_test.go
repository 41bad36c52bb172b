package tests

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	sdk "github.com/kafka-soar/kafka-soar/parser-sdk/go"
	"github.com/kafka-soar/kafka-soar/parser-sdk/go/sdktest"
)

// look gives the messages of a batch to see.
func look(t *testing.T, given *sdktest.Given, see func([]sdk.Message)) {
	t.Helper()
	_, err := given.Parse(func(batch *sdk.Batch, _ *sdk.Output) error {
		var messages []sdk.Message
		for message := range batch.Messages() {
			messages = append(messages, message)
		}
		see(messages)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
}

func fails(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestAMessageGivesBackWhatKafkaHeld(t *testing.T) {
	given := sdktest.Batch("t").Record(sdktest.Record{
		Partition: 3,
		Offset:    9223372036854775807,
		Timestamp: time.UnixMilli(1_700_000_000_123),
		Key:       []byte("k"),
		Headers:   []sdk.Header{{Name: "a", Value: []byte("1")}, {Name: "a", Value: []byte("2")}, {Name: "b"}},
	}).Value("plain")
	look(t, given, func(messages []sdk.Message) {
		first, second := messages[0], messages[1]
		equal(t, first.Topic(), "t")
		equal(t, first.Index(), 0)
		equal(t, first.Partition(), int32(3))
		equal(t, first.Offset(), int64(9223372036854775807))
		at, known := first.Timestamp()
		equal(t, known, true)
		equal(t, at, time.Date(2023, 11, 14, 22, 13, 20, 123_000_000, time.UTC))
		key, present, err := first.KeyText()
		equal(t, []any{key, present, err}, []any{"k", true, nil})
		_, err = first.Text()
		fails(t, err, "the message has no value (a tombstone)")
		equal(t, len(first.Headers()), 3)
		equal(t, first.Header("a"), []byte("2"))
		equal(t, first.Header("b") == nil, true)

		_, known = second.Timestamp()
		equal(t, known, false)
		equal(t, second.Key() == nil, true)
		_, present, err = second.KeyText()
		equal(t, []any{present, err}, []any{false, nil})
		equal(t, second.Offset(), int64(0))
		text, err := second.Text()
		equal(t, []any{text, err}, []any{"plain", nil})
		equal(t, len(second.Headers()), 0)
	})
}

func TestAnEmptyValueKeyOrHeaderIsNotAMissingOne(t *testing.T) {
	given := sdktest.Batch("t").Record(sdktest.Record{
		Key: []byte{}, Value: []byte{}, Headers: []sdk.Header{{Name: "h", Value: []byte{}}},
	}).Tombstone()
	look(t, given, func(messages []sdk.Message) {
		for _, item := range [][]byte{messages[0].Key(), messages[0].Value(), messages[0].Header("h")} {
			equal(t, item, []byte{})
		}
		for _, item := range [][]byte{messages[1].Key(), messages[1].Value(), messages[1].Header("h")} {
			equal(t, item == nil, true)
		}
	})
}

func TestAppendingToAValueLeavesTheNextOneAlone(t *testing.T) {
	look(t, sdktest.Batch("t").Value("ab").Value("cd"), func(messages []sdk.Message) {
		_ = append(messages[0].Value(), 'x')
		equal(t, messages[1].Value(), []byte("cd"))
	})
}

func TestTextThatIsNotUTF8NamesTheByte(t *testing.T) {
	for value, where := range map[string]string{
		"0123456789abcdefg\xff": "0xff at position 17",
		"\xe2\x82":              "0xe2 at position 0",
		"é\xc0\x80":             "0xc0 at position 2",
		"\xed\xa0\x80":          "0xed at position 0",
		"\xf4\x8f\xbf\xbf\x80":  "0x80 at position 4",
		"a\x05\xf0\x9f\x98":     "0xf0 at position 2",
		"\ufffd\xfe":            "0xfe at position 3",
	} {
		look(t, sdktest.Batch("t").Value(value).Record(sdktest.Record{Key: []byte(value)}), func(messages []sdk.Message) {
			_, err := messages[0].Text()
			fails(t, err, "the value isn't UTF-8 text (byte "+where+")")
			_, _, err = messages[1].KeyText()
			fails(t, err, "the key isn't UTF-8 text (byte "+where+")")
		})
	}
}

func TestJSONIsTypedAndErrorsSayWhere(t *testing.T) {
	type event struct{ Host string }
	given := sdktest.Batch("t").Value(`{"host":"h1"}`).Value("{\"host\":\n7}").Value("{\n host}").Tombstone()
	look(t, given, func(messages []sdk.Message) {
		var read event
		equal(t, messages[0].JSON(&read), nil)
		equal(t, read, event{"h1"})
		fails(t, messages[1].JSON(&read), "the value isn't the JSON that this parser expects: member `host`: "+
			"invalid type: number, expected string at line 2 column 1")
		err := messages[2].JSON(&read)
		if err == nil || !bytes.HasPrefix([]byte(err.Error()), []byte("the value isn't JSON: ")) {
			t.Errorf("got %v", err)
		}
		fails(t, messages[3].JSON(&read), "the message has no value (a tombstone)")
	})
}

func TestOffsetsGoOnWithinPartition0(t *testing.T) {
	given := sdktest.Batch("t").Record(sdktest.Record{Offset: 7}).Record(sdktest.Record{Partition: 1, Offset: 99}).
		Value("x").Tombstone()
	look(t, given, func(messages []sdk.Message) {
		var offsets []int64
		for _, message := range messages {
			offsets = append(offsets, message.Offset())
		}
		equal(t, offsets, []int64{7, 99, 8, 9})
	})
}

func TestTheFirstLineIsCutBetweenCharacters(t *testing.T) {
	equal(t, sdk.FirstLine("aé😀b\nsecond", 3), "aé😀")
	equal(t, sdk.FirstLine("ab\nsecond", 3), "ab")
	equal(t, sdk.FirstLine("\nsecond", 3), "")
	equal(t, sdk.FirstLine("", 3), "")
}
