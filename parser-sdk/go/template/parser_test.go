package main

import (
	"testing"

	sdk "github.com/kafka-soar/kafka-soar/parser-sdk/go"
	"github.com/kafka-soar/kafka-soar/parser-sdk/go/sdktest"
)

func TestAMessageBecomesAContainer(t *testing.T) {
	parsed, err := sdktest.Batch("topic").Value("Hello, parser\nand more").Parse(sdk.Each(greet))
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"container":{"name":"Hello, parser"},"artifacts":[{"cef":{"message":"Hello, parser\nand more"}}]}]`
	if parsed.Text != want {
		t.Errorf("got  %s\nwant %s", parsed.Text, want)
	}
}

func TestAMessageWithoutTextIsRejected(t *testing.T) {
	parsed, err := sdktest.Batch("topic").Tombstone().Parse(sdk.Each(greet))
	if err != nil {
		t.Fatal(err)
	}
	if len(parsed.Rejections) != 1 || parsed.Rejections[0].Reason != "the message has no value (a tombstone)" {
		t.Error(parsed.Rejections)
	}
}
