package sdk

import "strings"

// FirstLine is the first line of a text, at most limit characters (code points) of it: a name for a container.
func FirstLine(text string, limit int) string {
	line, _, _ := strings.Cut(text, "\n")
	count := 0
	for at := range line {
		if count == limit {
			return line[:at]
		}
		count++
	}
	return line
}
