package sdk

import (
	"math"
	"time"

	"github.com/kafka-soar/kafka-soar/parser-sdk/go/internal/host"
)

// PollStarted tells when the poll began, in the host's local time. It is the only clock: it doesn't advance,
// and a batch that is delivered again after a crash sees the same instant. (time.Now stands still in 1970.)
func PollStarted() time.Time {
	unixMs, minutes := host.Started()
	zone := time.UTC
	if minutes != 0 {
		zone = time.FixedZone("", int(minutes)*60)
	}
	return time.UnixMilli(int64(min(unixMs, math.MaxInt64))).In(zone)
}
