package command

import (
	_ "embed"
	"net/http"
)

// openAPI describes the REST side, by hand. What is GraphQL describes itself.
// https://spec.openapis.org/oas/v3.1.1.html
//
//go:embed openapi.json
var openAPI []byte

func serveOpenAPI(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	_, err := w.Write(openAPI)
	return err
}
