package sdk

import (
	"cmp"
	"slices"

	"github.com/kafka-soar/kafka-soar/parser-sdk/go/internal/contract"
)

// noSource stands for an artifact that isn't of one message.
const noSource = -1

// Output is where a parser puts containers and their artifacts, in the order of the calls:
// [Output.Container] opens a container, [Output.Artifact] adds an artifact to it.
//
// Playbooks run once a container, after its last artifact: the SDK writes run_automation as false on all
// artifacts but the last, as SOAR's own apps do. An artifact that sets [Artifact.RunAutomation] itself keeps
// its choice.
type Output struct {
	containers []*Container
	rejections []contract.Rejection
	// fault is a value that could not be written: the message, or else the batch, can't be handled.
	fault error
	// defect is a call that makes no sense.
	defect error
}

// mark is a state to go back to.
type mark struct {
	containers, artifacts int
	// open is the open container as it was: members may be added to it.
	open   *Container
	before Container
}

// Container opens a container. The artifacts that follow are its own, until the next one is opened. SOAR
// requires a name and a label; the asset's own label, where it has one, wins.
func (o *Output) Container(name string) *Container {
	container := &Container{members: members[Container]{out: o, json: []byte{'{'}}}
	container.self = container
	o.containers = append(o.containers, container)
	return container.set("name", name)
}

// Artifact adds an artifact made from message to the open container.
func (o *Output) Artifact(message Message) *Artifact { return o.add(message.index) }

// ArtifactOfBatch adds an artifact made from several messages or from none to the open container. The
// connector then can't trace any artifact of this batch to the message it came from.
func (o *Output) ArtifactOfBatch() *Artifact { return o.add(noSource) }

func (o *Output) add(source int) *Artifact {
	artifact := &Artifact{members: members[Artifact]{out: o, json: []byte{'{'}}, source: source}
	artifact.self = artifact
	if open := o.open(); open != nil {
		open.artifacts = append(open.artifacts, artifact)
	} else {
		o.bug("it adds an artifact before it opens a container")
	}
	return artifact
}

// Reject rejects a message with a reason: it goes to the quarantine. [Batch.Each] does it for errors, and
// takes back what was written for the message; this alone takes nothing back. A message that is rejected
// twice keeps the first reason.
func (o *Output) Reject(message Message, reason error) {
	rejection := contract.Rejection{Index: uint32(message.index), Reason: reason.Error()}
	o.rejections = append(o.rejections, rejection)
}

// Artifacts is the number of artifacts in the open container.
func (o *Output) Artifacts() int {
	if open := o.open(); open != nil {
		return len(open.artifacts)
	}
	return 0
}

// Rejections is the number of rejections so far.
func (o *Output) Rejections() int { return len(o.rejections) }

func (o *Output) open() *Container {
	if len(o.containers) == 0 {
		return nil
	}
	return o.containers[len(o.containers)-1]
}

func (o *Output) bug(format string, values ...any) {
	if o.defect == nil {
		o.defect = bug(format, values...)
	}
}

func (o *Output) faultOnce(fault error) {
	if o.fault == nil {
		o.fault = fault
	}
}

func (o *Output) takeFault() error {
	fault := o.fault
	o.fault = nil
	return fault
}

func (o *Output) mark() mark {
	mark := mark{containers: len(o.containers), artifacts: o.Artifacts(), open: o.open()}
	if mark.open != nil {
		mark.before = *mark.open
	}
	return mark
}

func (o *Output) takeBack(mark mark) {
	o.containers = o.containers[:mark.containers]
	if mark.open != nil {
		*mark.open = mark.before
	}
	o.fault = nil
}

func (o *Output) finish() (contract.Parsed, error) {
	// Stable, so that the first reason stays.
	slices.SortStableFunc(o.rejections, func(a, b contract.Rejection) int { return cmp.Compare(a.Index, b.Index) })
	o.rejections = slices.CompactFunc(o.rejections, func(a, b contract.Rejection) bool { return a.Index == b.Index })
	parsed := contract.Parsed{Rejections: o.rejections}
	traced := true
	for _, container := range o.containers {
		if container.skipIfEmpty && len(container.artifacts) == 0 {
			continue
		}
		separator := byte(',')
		if parsed.Ingests == nil {
			separator = '['
		}
		parsed.Ingests = container.appendTo(append(parsed.Ingests, separator))
		for _, artifact := range container.artifacts {
			if artifact.source == noSource {
				traced = false
				continue
			}
			if o.rejected(artifact.source) {
				o.bug("it rejects message %d of the batch and makes an artifact of it", artifact.source)
			}
			parsed.Sources = append(parsed.Sources, uint32(artifact.source))
		}
	}
	if !traced {
		parsed.Sources = nil
	}
	if parsed.Ingests != nil {
		parsed.Ingests = append(parsed.Ingests, ']')
	}
	return parsed, cmp.Or(o.defect, o.fault)
}

func (o *Output) rejected(index int) bool {
	_, found := slices.BinarySearchFunc(o.rejections, uint32(index), func(rejection contract.Rejection, index uint32) int {
		return cmp.Compare(rejection.Index, index)
	})
	return found
}
