package model

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// rewrite writes into an item what changes returns for it, by attribute; nil: the attribute goes.
// Where another write comes between, it reads the item again. The item's version stays.
func (l layout) rewrite(ctx context.Context, item dynamo.Item, changes func(dynamo.Item) (map[string]types.AttributeValue, error)) error {
	id := item["id"]
	for try := range maxTries {
		if err := Pause(ctx, try); err != nil {
			return err
		}
		version := item["version"]
		attributes, err := changes(item)
		if len(attributes) == 0 || err != nil {
			return err
		}
		update := l.Update("id", id).If("version = ?", version)
		for attribute, value := range attributes {
			setAttribute(update, attribute, value)
		}
		err = update.Run(ctx)
		if err == nil || !dynamo.IsCondCheckFailed(err) {
			return err
		}
		item = nil
		err = l.Get("id", id).Consistent(true).One(ctx, &item)
		if errors.Is(err, dynamo.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return fmt.Errorf("write an item of %s: %w: others keep changing it", l.Name(), ErrConflict)
}

// setAttribute has the update set an attribute; nil: remove it.
func setAttribute(update *dynamo.Update, attribute string, value types.AttributeValue) {
	if value == nil {
		update.RemoveExpr("$", attribute)
	} else {
		update.SetExpr("$ = ?", attribute, value)
	}
}
