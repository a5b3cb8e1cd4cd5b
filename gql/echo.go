package gql

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"

	"github.com/ownql/ownql/model"
)

// Texts of a client's that an answer, an error or the log repeats. An answer can repeat them many
// times.
const (
	maxMutationID = 1000 // characters of a clientMutationId
	maxMessage    = 500  // bytes of an error's message
	maxName       = 256  // bytes of a name in a document: gqlparser's messages quote them

	maxLoggedDocument = 4 << 10 // bytes
)

const mutationIDField = "clientMutationId"

// checkMutationIDs refuses a mutation with a clientMutationId that is too long to be repeated.
func checkMutationIDs(operation *graphql.OperationContext) error {
	if operation.Operation.Operation != ast.Mutation {
		return nil
	}
	for _, field := range graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Mutation"}) {
		input, _ := field.ArgumentMap(operation.Variables)["input"].(map[string]any)
		if id, _ := input[mutationIDField].(string); utf8.RuneCountInString(id) > maxMutationID {
			return model.BadInput(mutationIDField, fmt.Sprintf("clientMutationId has at most %d characters", maxMutationID))
		}
	}
	return nil
}

// readTokens returns how many tokens a document has, of which it reads so many at most. It refuses a
// name that is longer than any that somebody writes.
func readTokens(document string, most int) (tokens int, err error) {
	lexed := lexer.New(&ast.Source{Input: document})
	for ; tokens < most; tokens++ {
		token, err := lexed.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			return tokens, nil // the parser tells what is wrong
		}
		if token.Kind == lexer.Name && len(token.Value) > maxName {
			return tokens, TooComplex("characters of a name", 0, maxName)
		}
	}
	return tokens, nil
}

// shortened returns an error with a message of which a client is told all.
func shortened(err *gqlerror.Error) *gqlerror.Error {
	err.Message = beginning(err.Message, maxMessage)
	for _, element := range err.Path {
		if name, ok := element.(ast.PathName); ok && len(name) > maxName {
			err.Path = nil // the client's own name, of a member of a variable
			break
		}
	}
	return err
}

// beginning returns a text, or as many bytes of it, of which it says that there are more.
func beginning(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
