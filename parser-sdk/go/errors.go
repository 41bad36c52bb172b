package sdk

import (
	"errors"
	"fmt"
)

// refusal is an error that refuses the batch from within Each.
type refusal struct{ reason string }

func (r *refusal) Error() string { return r.reason }

// Refuse returns an error which says that no message of this batch can be handled, and why (a setting is
// missing, say): the poll stops before the batch, nothing of it is delivered or quarantined, and no offset
// advances. From a parser every error says that; from the function that [Batch.Each] calls, only this one.
func Refuse(format string, values ...any) error {
	return &refusal{fmt.Sprintf(format, values...)}
}

func isRefusal(err error) bool {
	var refused *refusal
	return errors.As(err, &refused)
}

// bug is for a call that makes no sense: the batch is refused, because no message is to blame.
func bug(format string, values ...any) error {
	return Refuse("the parser has a bug: "+format, values...)
}
