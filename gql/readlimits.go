package gql

import (
	"fmt"

	"github.com/ownql/ownql/model"
)

// ReadLimits bound how many items are examined, hidden ones included; they are flags of `serve`.
type ReadLimits struct {
	MaxListItems      int `env:"OWNQL_MAX_LIST_ITEMS" default:"1000" placeholder:"N" help:"Items that a list may examine for one page (${env}, default ${default})."`
	MaxCountItems     int `env:"OWNQL_MAX_COUNT_ITEMS" default:"10000" placeholder:"N" help:"Items that the counts of an operation may examine: over it, totalCount is null (${env}, default ${default})."`
	MaxOperationItems int `env:"OWNQL_MAX_OPERATION_ITEMS" default:"10000" placeholder:"N" help:"Items that an operation may examine, over all its lists and loads by id (${env}, default ${default})."`
}

// Check returns which of the limits is none, as a flag.
func (l ReadLimits) Check() error {
	for flag, value := range map[string]int{"--max-list-items": l.MaxListItems, "--max-operation-items": l.MaxOperationItems, "--max-count-items": l.MaxCountItems} {
		if value < 1 {
			return fmt.Errorf("%s %d: want at least 1", flag, value)
		}
	}
	return nil
}

// forModel returns the limits of one operation's budget.
func (l ReadLimits) forModel() model.ReadLimits {
	return model.ReadLimits{List: l.MaxListItems, Operation: l.MaxOperationItems, Count: l.MaxCountItems}
}
