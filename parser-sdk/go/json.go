package sdk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// appendString writes text as a JSON string. Escaped is what RFC 8259 demands, nothing else; bytes that
// aren't UTF-8 become U+FFFD.
func appendString(out []byte, text string) []byte {
	const hex = "0123456789abcdef"
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	out = append(out, '"')
	start := 0
	for at := range len(text) {
		char := text[at]
		if char >= ' ' && char != '"' && char != '\\' {
			continue
		}
		out = append(out, text[start:at]...)
		start = at + 1
		switch char {
		case '"', '\\':
			out = append(out, '\\', char)
		case '\n':
			out = append(out, `\n`...)
		case '\r':
			out = append(out, `\r`...)
		case '\t':
			out = append(out, `\t`...)
		case '\b':
			out = append(out, `\b`...)
		case '\f':
			out = append(out, `\f`...)
		default:
			out = append(out, `\u00`...)
			out = append(out, hex[char>>4], hex[char&15])
		}
	}
	return append(append(out, text[start:]...), '"')
}

// appendValue writes a value as encoding/json does, but for what it escapes beyond RFC 8259.
func appendValue(out []byte, value any) ([]byte, error) {
	switch value := value.(type) {
	case nil:
		return append(out, "null"...), nil
	case string:
		return appendString(out, value), nil
	case bool:
		return strconv.AppendBool(out, value), nil
	case int:
		return strconv.AppendInt(out, int64(value), 10), nil
	case int64:
		return strconv.AppendInt(out, value, 10), nil
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return out, err
	}
	return appendPlain(out, bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))), nil
}

// appendPlain writes JSON text with U+2028 and U+2029, which encoding/json escapes, as they are.
func appendPlain(out, text []byte) []byte {
	for {
		at := bytes.IndexByte(text, '\\')
		if at < 0 {
			return append(out, text...)
		}
		out = append(out, text[:at]...)
		escape := text[at:]
		switch {
		case bytes.HasPrefix(escape, []byte(`\u2028`)):
			out = append(out, "\u2028"...)
			text = escape[6:]
		case bytes.HasPrefix(escape, []byte(`\u2029`)):
			out = append(out, "\u2029"...)
			text = escape[6:]
		default:
			out = append(out, escape[:2]...)
			text = escape[2:]
		}
	}
}

// unmarshal reads JSON text and says in the SDK's words what is wrong with it.
func unmarshal(what, text string, into any) error {
	err := json.Unmarshal([]byte(text), into)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return fmt.Errorf("%s isn't JSON: %w%s", what, err, place(text, syntax.Offset))
	case errors.As(err, &kind):
		member := ""
		if kind.Field != "" {
			member = fmt.Sprintf("member `%s`: ", kind.Field)
		}
		// Its own text quotes numbers.
		found, _, _ := strings.Cut(kind.Value, " ")
		return fmt.Errorf("%s isn't the JSON that this parser expects: %sinvalid type: %s, expected %s%s",
			what, member, found, kind.Type, place(text, kind.Offset))
	default:
		return fmt.Errorf("%s isn't the JSON that this parser expects: %w", what, err)
	}
}

// place is where the byte before offset lies.
func place(text string, offset int64) string {
	before := text[:min(max(int(offset), 0), len(text))]
	line := strings.Count(before, "\n") + 1
	column := len(before) - (strings.LastIndexByte(before, '\n') + 1)
	return fmt.Sprintf(" at line %d column %d", line, column)
}
