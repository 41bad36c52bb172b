// Package contract has what goes in and out of a parser as the contract has it: column by column.
package contract

import "slices"

// Column is a column of optional byte strings; its lists are empty when every item is null.
type Column struct {
	Bytes []byte
	// Ends says where each item ends in Bytes.
	Ends []uint32
	// Nulls are the ascending indices of the items without a value.
	Nulls []uint32
}

// Get returns an item, nil for one without a value.
func (c *Column) Get(index int) []byte {
	if index >= len(c.Ends) {
		return nil
	}
	if _, null := slices.BinarySearch(c.Nulls, uint32(index)); null {
		return nil
	}
	var start uint32
	if index > 0 {
		start = c.Ends[index-1]
	}
	end := c.Ends[index]
	if start == end {
		return []byte{}
	}
	return c.Bytes[start:end:end]
}

// Batch is the contract's record of the same name.
type Batch struct {
	Topic        string
	Partitions   []int32
	Offsets      []int64
	Timestamps   []int64
	Keys         Column
	Values       Column
	HeaderEnds   []uint32
	HeaderNames  Column
	HeaderValues Column
}

// Rejection is one message that a parser can't handle.
type Rejection struct {
	Index  uint32
	Reason string
}

// Parsed is the contract's record of the same name.
type Parsed struct {
	Ingests    []byte
	Sources    []uint32
	Rejections []Rejection
}
