//go:build !wasip1

package host

// Connector stands in for the connector in a test.
type Connector struct {
	Settings         string
	StartedUnixMs    uint64
	UTCOffsetMinutes int16
	Log              func(Level, string)
}

// Current is the stand-in of the test that runs.
var Current *Connector

func current() *Connector {
	if Current == nil {
		panic("there is no connector here: call settings, the poll and the log from within a parser, and " +
			"run a parser in a test with sdktest")
	}
	return Current
}

// Settings are the asset's, JSON text.
func Settings() string { return current().Settings }

// Started tells when the poll began, and the host's offset from UTC.
func Started() (unixMs uint64, utcOffsetMinutes int16) {
	return current().StartedUnixMs, current().UTCOffsetMinutes
}

// Log writes a line.
func Log(level Level, line string) { current().Log(level, line) }
