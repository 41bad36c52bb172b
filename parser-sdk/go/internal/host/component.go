//go:build wasip1

package host

import (
	"runtime"
	"unsafe"
)

//go:wasmimport kafka-soar:parser/settings@1.0.0 get
func settingsGet(result unsafe.Pointer)

//go:wasmimport kafka-soar:parser/poll@1.0.0 started
func pollStarted(result unsafe.Pointer)

//go:wasmimport kafka-soar:parser/log@1.0.0 write
func logWrite(level uint32, text unsafe.Pointer, length uint32)

// text is a string as the canonical ABI returns it: 32 bits each, whatever Go's pointers have.
type text struct{ start, length uint32 }

// Settings are the asset's, JSON text.
func Settings() string {
	result := new(text)
	settingsGet(unsafe.Pointer(result))
	if result.length == 0 {
		return ""
	}
	return string(unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(nil), result.start)), result.length))
}

// instant is the contract's record of the same name.
type instant struct {
	unixMs           uint64
	utcOffsetMinutes int16
}

// Started tells when the poll began, and the host's offset from UTC.
func Started() (unixMs uint64, utcOffsetMinutes int16) {
	result := new(instant)
	pollStarted(unsafe.Pointer(result))
	return result.unixMs, result.utcOffsetMinutes
}

// Log writes a line.
func Log(level Level, line string) {
	logWrite(uint32(level), unsafe.Pointer(unsafe.StringData(line)), uint32(len(line)))
	runtime.KeepAlive(line)
}
