//go:build wasip1

package sdk

import (
	"strings"
	"unsafe"

	"github.com/kafka-soar/kafka-soar/parser-sdk/go/internal/contract"
)

// The contract's export in the canonical ABI, by hand. Addresses and lengths have 32 bits there, while Go's
// pointers have 64 on this platform, so they are read and written as uint32.

// kept holds on to what the host was handed the address of: the collector doesn't know of it. Never
// emptied, because an instance sees one batch.
var kept []any

// nothing is where an empty block lies.
var nothing uint64

type list struct{ start, length uint32 }

type column struct{ bytes, ends, nulls list }

type arguments struct {
	topic        list
	partitions   list
	offsets      list
	timestamps   list
	keys         column
	values       column
	headerEnds   list
	headerNames  column
	headerValues column
}

type rejection struct {
	index  uint32
	reason list
}

// outcome is result<parsed, string>.
type outcome struct {
	// failed is a byte, and padding.
	failed uint32
	// ingests or, of a failure, its text.
	text       list
	sources    list
	rejections list
}

//go:wasmexport cabi_realloc
func reallocate(old unsafe.Pointer, oldSize, align, size uint32) unsafe.Pointer {
	if size == 0 {
		return unsafe.Pointer(&nothing)
	}
	// Go aligns a list of 64-bit integers to 8 bytes, which is the most that the contract has.
	block := make([]uint64, (int(size)+7)/8)
	kept = append(kept, block)
	address := unsafe.Pointer(unsafe.SliceData(block))
	if oldSize > 0 {
		copy(unsafe.Slice((*byte)(address), size), unsafe.Slice((*byte)(old), min(oldSize, size)))
	}
	return address
}

//go:wasmexport kafka-soar:parser/message-parser@1.0.0#parse-messages
func parseMessages(given unsafe.Pointer) unsafe.Pointer {
	if exported == nil {
		panic("there is no parser: call Export in an init function of package main")
	}
	args := (*arguments)(given)
	parsed, err := Run(exported, &contract.Batch{
		Topic:        string(slice[byte](args.topic)),
		Partitions:   slice[int32](args.partitions),
		Offsets:      slice[int64](args.offsets),
		Timestamps:   slice[int64](args.timestamps),
		Keys:         items(args.keys),
		Values:       items(args.values),
		HeaderEnds:   slice[uint32](args.headerEnds),
		HeaderNames:  items(args.headerNames),
		HeaderValues: items(args.headerValues),
	})
	result := new(outcome)
	if err != nil {
		result.failed = 1
		result.text = text32(err.Error())
	} else {
		result.text = lower(parsed.Ingests)
		result.sources = lower(parsed.Sources)
		rejections := make([]rejection, len(parsed.Rejections))
		for index, one := range parsed.Rejections {
			rejections[index] = rejection{one.Index, text32(one.Reason)}
		}
		result.rejections = lower(rejections)
	}
	kept = append(kept, result)
	return unsafe.Pointer(result)
}

func items(c column) contract.Column {
	return contract.Column{Bytes: slice[byte](c.bytes), Ends: slice[uint32](c.ends), Nulls: slice[uint32](c.nulls)}
}

// slice is a list that lies in a block of reallocate's.
func slice[T any](given list) []T {
	if given.length == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Add(unsafe.Pointer(nil), given.start)), given.length)
}

// lower is a list for the host.
func lower[T any](items []T) list {
	if len(items) == 0 {
		return list{}
	}
	kept = append(kept, items)
	return list{uint32(uintptr(unsafe.Pointer(unsafe.SliceData(items)))), uint32(len(items))}
}

func text32(text string) list { return lower([]byte(strings.ToValidUTF8(text, "\uFFFD"))) }
