package store

import (
	"maps"

	json "encoding/json/v2"
	"github.com/guregu/dynamo/v2"
)
