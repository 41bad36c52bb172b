package sdk

import (
	"fmt"
	"slices"
	"time"
)

// Severity is how grave a container or an artifact is. An administrator of SOAR may have added others, by
// their names.
type Severity string

const (
	High   Severity = "high"
	Medium Severity = "medium"
	Low    Severity = "low"
)

// Sensitivity is with whom a container may be shared: the colours of the Traffic Light Protocol.
type Sensitivity string

const (
	White Sensitivity = "white"
	Green Sensitivity = "green"
	Amber Sensitivity = "amber"
	Red   Sensitivity = "red"
)

// members are what containers and artifacts have in common; T is which of them it is.
//
// Each member can be set once. A value that can't be written as JSON makes the message (within
// [Batch.Each]) or the batch fail.
type members[T any] struct {
	self *T
	out  *Output
	// json is the object's text without its closing brace.
	json []byte
	seen []string
}

// Label is, of a container, which kind of events it belongs to: required, and one that exists in SOAR (the
// asset's own label, where it has one, wins). Of an artifact it is what kind it is, event by default.
func (m *members[T]) Label(label string) *T { return m.set("label", label) }

// Description says what it is about.
func (m *members[T]) Description(description string) *T { return m.set("description", description) }

// Severity is medium when it isn't set.
func (m *members[T]) Severity(severity Severity) *T { return m.set("severity", string(severity)) }

// Tags are added to it.
func (m *members[T]) Tags(tags ...string) *T { return m.set("tags", append([]string{}, tags...)) }

// Data is whatever else is known, as a JSON object. Playbooks see it, the user interface doesn't show it.
func (m *members[T]) Data(data any) *T { return m.set("data", data) }

// SourceDataIdentifier is what makes it this one and no other, so that delivering it again makes no second
// one. The same input must give the same identifier.
func (m *members[T]) SourceDataIdentifier(identifier string) *T {
	return m.set("source_data_identifier", identifier)
}

// StartTime is when it began, to the millisecond.
func (m *members[T]) StartTime(at time.Time) *T { return m.set("start_time", instant(at)) }

// EndTime is when it ended, to the millisecond.
func (m *members[T]) EndTime(at time.Time) *T { return m.set("end_time", instant(at)) }

// KillChain is the phase of an attack.
func (m *members[T]) KillChain(phase string) *T { return m.set("kill_chain", phase) }

// Owner is the number or the name of a SOAR user.
func (m *members[T]) Owner(owner any) *T { return m.set("owner_id", owner) }

// RunAutomation is whether playbooks run when SOAR has stored this.
func (m *members[T]) RunAutomation(run bool) *T { return m.set("run_automation", run) }

// Field is any other member of the body. SOAR drops those that it doesn't know, and the connector reports
// them.
func (m *members[T]) Field(key string, value any) *T { return m.set(key, value) }

func (m *members[T]) set(key string, value any) *T {
	if m.once(key) {
		m.put(key, value)
	}
	return m.self
}

// once notes a member; false when it is there already.
func (m *members[T]) once(key string) bool {
	if slices.Contains(m.seen, key) {
		m.out.bug("it sets `%s` twice", key)
		return false
	}
	m.seen = append(m.seen, key)
	return true
}

// put writes a member, or nothing when the value can't be written.
func (m *members[T]) put(key string, value any) {
	m.json = m.out.appendMember(m.json, key, value)
}

// instant is a point in time as SOAR wants it: ISO 8601 in UTC.
func instant(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

// appendMember writes "key":value with a comma in front unless it is the first of its object. A value that
// can't be written leaves nothing behind.
func (o *Output) appendMember(json []byte, key string, value any) []byte {
	before := len(json)
	if before > 0 && json[before-1] != '{' {
		json = append(json, ',')
	}
	json = append(appendString(json, key), ':')
	json, err := appendValue(json, value)
	if err != nil {
		o.faultOnce(fmt.Errorf("`%s` can't be written as JSON: %w", key, err))
		return json[:before]
	}
	return json
}
