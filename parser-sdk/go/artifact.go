package sdk

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// Artifact is one that [Output.Artifact] has added: the body of SOAR's POST /rest/artifact.
//
// CEF fields can be set one by one with [Artifact.Cef] and from whole objects with [Artifact.CefFrom]; each
// other member can be set once.
type Artifact struct {
	members[Artifact]
	source int
	// cef is the text of the CEF fields; nil when there are none.
	cef []byte
	// cefAt is where in the other members' text they go.
	cefAt int
}

// Name is the artifact's name.
func (a *Artifact) Name(name string) *Artifact { return a.set("name", name) }

// Kind is type: network, host, user …
func (a *Artifact) Kind(kind string) *Artifact { return a.set("type", kind) }

// Cef is a field of cef: sourceAddress, fileHashSha256, or a name of your own. A key that comes twice is in
// the text twice, which the connector refuses.
func (a *Artifact) Cef(key string, value any) *Artifact {
	a.openCef()
	a.cef = a.out.appendMember(a.cef, key, value)
	return a
}

// CefFrom takes all fields of a struct or map as fields of cef.
func (a *Artifact) CefFrom(fields any) *Artifact {
	a.openCef()
	object, err := appendValue(nil, fields)
	switch {
	case err != nil:
		a.out.faultOnce(fmt.Errorf("`cef` can't be written as JSON: %w", err))
	case !bytes.HasPrefix(object, []byte("{")):
		a.out.faultOnce(errors.New("`cef` can't be written: it isn't a JSON object"))
	case len(object) > len("{}"):
		if len(a.cef) > 1 {
			a.cef = append(a.cef, ',')
		}
		a.cef = append(a.cef, object[1:len(object)-1]...)
	}
	return a
}

// CefTypes tells, for CEF fields of your own, what they hold (ip, domain, hash …), so that SOAR offers the
// actions that go with it.
func (a *Artifact) CefTypes(types map[string][]string) *Artifact { return a.set("cef_types", types) }

func (a *Artifact) openCef() {
	if a.cef == nil && a.once("cef") {
		a.cef, a.cefAt = []byte{'{'}, len(a.json)
	}
}

// appendTo writes the artifact: run_automation is false on all but the last of a container, unless it was
// set.
func (a *Artifact) appendTo(json []byte, last bool) []byte {
	start := len(json)
	json = append(json, a.json...)
	if a.cef != nil {
		cef := []byte(`"cef":`)
		if a.cefAt > 1 {
			cef = []byte(`,"cef":`)
		}
		cef = append(append(cef, a.cef...), '}')
		if a.cefAt == 1 && len(a.json) > 1 {
			cef = append(cef, ',')
		}
		json = slices.Insert(json, start+a.cefAt, cef...)
	}
	if !last && !slices.Contains(a.seen, "run_automation") {
		json = a.out.appendMember(json, "run_automation", false)
	}
	return append(json, '}')
}
