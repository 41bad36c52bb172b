package tests

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	sdk "github.com/kafka-soar/kafka-soar/parser-sdk/go"
	"github.com/kafka-soar/kafka-soar/parser-sdk/go/sdktest"
)

func two() *sdktest.Given { return sdktest.Batch("t").Value("a").Value("b") }

func parsed(t *testing.T, given *sdktest.Given, parser sdk.Parser) sdktest.Parsed {
	t.Helper()
	result, err := given.Parse(parser)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func first(batch *sdk.Batch) sdk.Message {
	for message := range batch.Messages() {
		return message
	}
	panic("a batch is never empty")
}

func TestMembersAreWrittenInTheirOrderEscapedAsInEveryLanguage(t *testing.T) {
	result := parsed(t, two(), func(batch *sdk.Batch, out *sdk.Output) error {
		out.Container(`q"\`).Severity(sdk.Low).Tags("é", "\u2028\x7f<&>").StartTime(time.UnixMilli(0)).Field("x", int64(1))
		out.Artifact(first(batch)).Name("\x00\b\f\n\r\t\x1f").
			Cef("big", uint64(math.MaxUint64)).
			Cef("none", nil).
			Cef("list", []any{true, 1.5, "\u2029 \\u2028 \\\u2028"}).
			Kind("host").
			CefFrom(struct{ A, B string }{"1", "\xff"}).
			CefFrom(map[string]int{})
		return nil
	})
	equal(t, result.Text, `[{"container":{"name":"q\"\\","severity":"low","tags":["é","`+"\u2028\x7f"+`<&>"],`+
		`"start_time":"1970-01-01T00:00:00.000Z","x":1},"artifacts":[{"name":"\u0000\b\f\n\r\t\u001f",`+
		`"cef":{"big":18446744073709551615,"none":null,"list":[true,1.5,"`+"\u2029"+` \\u2028 \\`+"\u2028"+`"],`+
		`"A":"1","B":"`+"\ufffd"+`"},"type":"host"}]}]`)
	equal(t, result.Sources, []int{0})
}

func TestTheOrderOfCallsIsThatOfMembers(t *testing.T) {
	for want, write := range map[string]func(*sdk.Artifact){
		`{}`:                                func(*sdk.Artifact) {},
		`{"cef":{"a":1}}`:                   func(a *sdk.Artifact) { a.Cef("a", 1) },
		`{"cef":{"a":1,"b":2},"name":"n"}`:  func(a *sdk.Artifact) { a.Cef("a", 1).Name("n").Cef("b", 2) },
		`{"name":"n","cef":{},"label":"l"}`: func(a *sdk.Artifact) { a.Name("n").CefFrom(struct{}{}).Label("l") },
		`{"cef_types":{"a":["ip"]},"tags":[]}`: func(a *sdk.Artifact) {
			a.CefTypes(map[string][]string{"a": {"ip"}}).Tags()
		},
	} {
		result := parsed(t, two(), func(_ *sdk.Batch, out *sdk.Output) error {
			out.Container("c")
			write(out.ArtifactOfBatch())
			return nil
		})
		equal(t, result.Text, `[{"container":{"name":"c"},"artifacts":[`+want+`]}]`)
	}
}

func TestPlaybooksRunAfterAContainersLastArtifact(t *testing.T) {
	result := parsed(t, two(), func(_ *sdk.Batch, out *sdk.Output) error {
		for _, name := range []string{"c", "d"} {
			out.Container(name)
			out.ArtifactOfBatch()
			out.ArtifactOfBatch().RunAutomation(true)
			out.ArtifactOfBatch().Name("n")
			out.ArtifactOfBatch().Name("last")
		}
		return nil
	})
	artifacts := `[{"run_automation":false},{"run_automation":true},{"name":"n","run_automation":false},{"name":"last"}]`
	equal(t, result.Text, `[{"container":{"name":"c"},"artifacts":`+artifacts+`},{"container":{"name":"d"},"artifacts":`+artifacts+`}]`)
}

func TestSourcesTellTheMessageOfEveryArtifactOrNothing(t *testing.T) {
	for _, whole := range []bool{false, true} {
		result := parsed(t, two(), func(batch *sdk.Batch, out *sdk.Output) error {
			out.Container("c")
			if whole {
				out.ArtifactOfBatch()
			}
			return batch.Each(out, func(message sdk.Message, out *sdk.Output) error {
				out.Artifact(message)
				return nil
			})
		})
		want := []int{0, 1}
		if whole {
			want = nil
		}
		equal(t, result.Sources, want)
	}
}

func TestWhatIsWrittenForARejectedMessageIsTakenBack(t *testing.T) {
	given := sdktest.Batch("t").Value("a").Value("bad").Value("new").Value("bad").Value("b").Tombstone()
	result := parsed(t, given, func(batch *sdk.Batch, out *sdk.Output) error {
		open := out.Container("first")
		return batch.Each(out, func(message sdk.Message, out *sdk.Output) error {
			text, err := message.Text()
			if err != nil {
				return err
			}
			out.Artifact(message).Name(text)
			switch text {
			case "new":
				out.Container("second")
			case "bad":
				if out.Artifacts() == 2 {
					open.Label("gone")
				}
				out.Container("gone")
				out.Artifact(message)
				return errors.New("it is bad")
			}
			return nil
		})
	})
	equal(t, result.Text, `[{"container":{"name":"first"},"artifacts":[{"name":"a","run_automation":false},{"name":"new"}]},`+
		`{"container":{"name":"second"},"artifacts":[{"name":"b"}]}]`)
	equal(t, result.Sources, []int{0, 2, 4})
	equal(t, result.Rejections, []sdktest.Rejection{
		{Index: 1, Reason: "it is bad"}, {Index: 3, Reason: "it is bad"},
		{Index: 5, Reason: "the message has no value (a tombstone)"},
	})
}

func TestAContainerWithoutArtifactsStaysUnlessItIsToBeSkipped(t *testing.T) {
	result := parsed(t, two(), func(_ *sdk.Batch, out *sdk.Output) error {
		out.Container("kept")
		out.Container("skipped").SkipIfEmpty()
		out.Container("full").SkipIfEmpty()
		out.ArtifactOfBatch()
		return nil
	})
	equal(t, result.Text, `[{"container":{"name":"kept"},"artifacts":[]},{"container":{"name":"full"},"artifacts":[{}]}]`)
	skipped := parsed(t, two(), func(_ *sdk.Batch, out *sdk.Output) error {
		out.Container("skipped").SkipIfEmpty()
		return nil
	})
	equal(t, skipped.Text, "")
}

func TestAValueThatIsNotJSONRejectsTheMessageAndIsNamed(t *testing.T) {
	for want, write := range map[string]func(*sdk.Artifact){
		"`data` can't be written as JSON: json: unsupported type: chan int": func(a *sdk.Artifact) { a.Data(make(chan int)) },
		"`port` can't be written as JSON: json: unsupported value: NaN":     func(a *sdk.Artifact) { a.Cef("port", math.NaN()) },
		"`cef` can't be written: it isn't a JSON object":                    func(a *sdk.Artifact) { a.CefFrom([]int{1}) },
	} {
		parse := func(message sdk.Message, out *sdk.Output) error {
			out.Container("c")
			write(out.Artifact(message))
			return nil
		}
		result := parsed(t, two(), sdk.Each(parse))
		equal(t, result.Text, "")
		equal(t, result.Rejections, []sdktest.Rejection{{Index: 0, Reason: want}, {Index: 1, Reason: want}})
		// Outside of Each no message is at fault.
		_, err := two().Parse(func(batch *sdk.Batch, out *sdk.Output) error { return parse(first(batch), out) })
		fails(t, err, want)
	}
}

func TestACallThatMakesNoSenseRefusesTheBatch(t *testing.T) {
	for what, parser := range map[string]sdk.Parser{
		"it adds an artifact before it opens a container": sdk.Each(func(message sdk.Message, out *sdk.Output) error {
			out.Artifact(message).Name("lost")
			return nil
		}),
		"it sets `name` twice": func(_ *sdk.Batch, out *sdk.Output) error {
			out.Container("c").Field("name", "d")
			return nil
		},
		"it sets `cef` twice": func(_ *sdk.Batch, out *sdk.Output) error {
			out.Container("c")
			out.ArtifactOfBatch().Cef("a", 1).Field("cef", nil)
			return nil
		},
		"it rejects message 0 of the batch and makes an artifact of it": func(batch *sdk.Batch, out *sdk.Output) error {
			out.Container("c")
			out.Artifact(first(batch))
			out.Reject(first(batch), errors.New("no"))
			return nil
		},
	} {
		_, err := two().Parse(parser)
		fails(t, err, "the parser has a bug: "+what)
	}
}

func TestAnErrorRefusesTheBatchAndWithinEachARefusal(t *testing.T) {
	_, err := two().Parse(func(*sdk.Batch, *sdk.Output) error { return errors.New("no label") })
	fails(t, err, "no label")
	calls := 0
	_, err = two().Parse(sdk.Each(func(sdk.Message, *sdk.Output) error {
		calls++
		return fmt.Errorf("wrapped: %w", sdk.Refuse("no %s", "label"))
	}))
	fails(t, err, "wrapped: no label")
	equal(t, calls, 1)
}

func TestAMessageThatIsRejectedTwiceKeepsTheFirstReason(t *testing.T) {
	result := parsed(t, two(), func(batch *sdk.Batch, out *sdk.Output) error {
		var messages []sdk.Message
		for message := range batch.Messages() {
			messages = append(messages, message)
		}
		for _, reason := range []string{"one", "two"} {
			for index := range messages {
				out.Reject(messages[len(messages)-1-index], errors.New(reason))
			}
		}
		equal(t, out.Rejections(), 4)
		return nil
	})
	equal(t, result.Rejections, []sdktest.Rejection{{Index: 0, Reason: "one"}, {Index: 1, Reason: "one"}})
}

func TestSettingsThePollsStartAndTheLogAreTheTests(t *testing.T) {
	given := two().Settings(`{"label": "é"}`).Started(time.UnixMilli(1_700_000_000_000).In(time.FixedZone("", 3600)))
	for range 2 {
		result := parsed(t, given, func(_ *sdk.Batch, out *sdk.Output) error {
			var settings struct{ Label string }
			if err := sdk.Settings(&settings); err != nil {
				return err
			}
			out.Container(settings.Label + " " + sdk.PollStarted().Format(time.RFC3339) + " " + sdk.SettingsText())
			sdk.Debugf("%d", 1)
			sdk.Infof("two\xff")
			sdk.Warnf("three")
			sdk.Errorf("four")
			return nil
		})
		equal(t, result.Ingests[0].Container["name"], `é 2023-11-14T23:13:20+01:00 {"label": "é"}`)
		equal(t, result.Log, []sdktest.Line{{Level: "debug", Text: "1"}, {Level: "info", Text: "two\ufffd"}, {Level: "warn", Text: "three"}, {Level: "error", Text: "four"}})
	}
	_, err := two().Settings(`{"label": 7}`).Parse(func(*sdk.Batch, *sdk.Output) error {
		var settings struct{ Label string }
		return sdk.Settings(&settings)
	})
	fails(t, err, "`parser_settings` isn't the JSON that this parser expects: member `label`: "+
		"invalid type: number, expected string at line 1 column 11")
}

func TestAPanicIsLoggedWhereItIsAskedFor(t *testing.T) {
	var cause any
	result := parsed(t, two(), func(*sdk.Batch, *sdk.Output) error {
		defer func() { cause = recover() }()
		defer sdk.LogPanics()
		panic("broken")
	})
	equal(t, cause, "broken")
	equal(t, len(result.Log), 1)
	equal(t, result.Log[0].Level, "error")
	if line := result.Log[0].Text; !strings.HasPrefix(line, "panic: broken: ") || !strings.Contains(line, "output_test.go:") {
		t.Error(line)
	}
}

func TestATimestampMayLieFarAhead(t *testing.T) {
	result := parsed(t, two(), func(_ *sdk.Batch, out *sdk.Output) error {
		out.Container("c").StartTime(time.UnixMilli(253_402_300_800_000)).EndTime(time.UnixMilli(100_000_000_000_000_000))
		return nil
	})
	if !strings.Contains(result.Text, `"start_time":"10000-01-01T00:00:00.000Z","end_time":"3170843-11-07T09:46:40.000Z"`) {
		t.Error(result.Text)
	}
}
