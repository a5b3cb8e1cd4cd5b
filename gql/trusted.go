package gql

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// TrustedDocuments are the only documents that a server runs, by the ids under which the
// clients' build kept them.
type TrustedDocuments map[string]string

// ReadTrustedDocuments reads the file that relay-compiler and graphql-codegen write: a
// JSON object of ids, each with its document.
// https://relay.dev/docs/guides/persisted-queries/
// https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#persisted-documents
func ReadTrustedDocuments(file string) (TrustedDocuments, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var documents TrustedDocuments
	if err := json.Unmarshal(text, &documents); err != nil || len(documents) == 0 {
		return nil, errors.New("want a JSON object of ids, each with its document, as relay-compiler and graphql-codegen write it")
	}
	return documents, nil
}

// check tells which document is not valid in the schema: a client whose schema is of another
// day should be told at the start, not at its call.
func (documents TrustedDocuments) check(schema *ast.Schema) error {
	load := newDocuments(schema, Unlimited, true).load
	for id, document := range documents {
		if _, errs := load(document); len(errs) > 0 {
			return fmt.Errorf("document %s is not valid: %w", id, errs)
		}
	}
	return nil
}

// The errors that Apollo's clients know by their messages, and answer with the document.
// https://www.apollographql.com/docs/apollo-server/performance/apq
var (
	errPersistedNotSupported = &model.Error{Code: "PERSISTED_QUERY_NOT_SUPPORTED", Status: http.StatusOK, Message: "PersistedQueryNotSupported"}
	errPersistedNotFound     = &model.Error{Code: "PERSISTED_QUERY_NOT_FOUND", Status: http.StatusOK, Message: "PersistedQueryNotFound"}
	errNotTrusted            = &model.Error{Code: model.CodeForbidden, Message: "this server runs only the documents that its clients were built with"}
)

// document returns the document that a request is for. Where there are trusted
// documents, it is one of them; in dev any will do, and the log says so.
func (h *Handler) document(r *http.Request, params *requestParams) (string, error) {
	id := params.id()
	if document, ok := h.options.Trusted[id]; ok {
		return document, nil
	}
	switch {
	case h.options.Trusted == nil && params.Query == "" && id != "":
		return "", errPersistedNotSupported
	case h.options.Trusted == nil:
		return params.Query, nil
	case params.Query == "" && id != "":
		return "", errPersistedNotFound
	case !h.options.Dev:
		return "", errNotTrusted
	}
	slog.WarnContext(r.Context(), "not a trusted document: outside dev it would be refused", "operation", web.Shortened(params.OperationName), "document", beginning(params.Query, maxLoggedDocument))
	return params.Query, nil
}
