package sdk

import (
	"fmt"
	"strings"

	"github.com/kafka-soar/kafka-soar/parser-sdk/go/internal/host"
)

// The host escapes control characters, cuts a line at 4 KiB, and stops a parser whose lines for one batch
// pass the asset's limit (64 KiB by default): a line a batch is fine, a line a message isn't.
const (
	levelDebug host.Level = iota
	levelInfo
	levelWarn
	levelError
)

// Debugf writes a line to the connector's log.
func Debugf(format string, values ...any) { logf(levelDebug, format, values) }

// Infof writes a line to the connector's log.
func Infof(format string, values ...any) { logf(levelInfo, format, values) }

// Warnf writes a line to the connector's log.
func Warnf(format string, values ...any) { logf(levelWarn, format, values) }

// Errorf writes a line to the connector's log.
func Errorf(format string, values ...any) { logf(levelError, format, values) }

func logf(level host.Level, format string, values []any) {
	host.Log(level, strings.ToValidUTF8(fmt.Sprintf(format, values...), "\uFFFD"))
}
