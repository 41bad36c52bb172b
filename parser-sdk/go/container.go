package sdk

import "time"

// Container is one that [Output.Container] has opened: the body of SOAR's POST /rest/container.
type Container struct {
	members[Container]
	artifacts   []*Artifact
	skipIfEmpty bool
}

// Sensitivity is with whom it may be shared. Amber when it isn't set.
func (c *Container) Sensitivity(sensitivity Sensitivity) *Container {
	return c.set("sensitivity", string(sensitivity))
}

// Status is new, open, closed, or one that the administrator has added.
func (c *Container) Status(status string) *Container { return c.set("status", status) }

// CustomFields is a JSON object.
func (c *Container) CustomFields(fields any) *Container { return c.set("custom_fields", fields) }

// DueTime is when it is to be dealt with, to the millisecond.
func (c *Container) DueTime(at time.Time) *Container { return c.set("due_time", instant(at)) }

// SkipIfEmpty leaves the container out if it gets no artifact, because every message is rejected, say.
func (c *Container) SkipIfEmpty() *Container {
	c.skipIfEmpty = true
	return c
}

func (c *Container) appendTo(json []byte) []byte {
	json = append(json, `{"container":`...)
	json = append(json, c.json...)
	json = append(json, `},"artifacts":[`...)
	for index, artifact := range c.artifacts {
		if index > 0 {
			json = append(json, ',')
		}
		json = artifact.appendTo(json, index == len(c.artifacts)-1)
	}
	return append(json, "]}"...)
}
