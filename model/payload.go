package model

// A Payload is what the mutations of a type answer.
// https://relay.dev/docs/guides/graphql-server-specification/
type Payload[T any] struct {
	Object           *T       // after the change; of one that is deleted, before
	Edge             *Edge[T] // it as it stands in each list by id that has it
	DeletedID        string   // its global id
	ClientMutationID *string  // the input's
}

// Payload returns what a mutation answers the caller that was carried out on the item; nil for nil.
func (m *Model[T]) Payload(caller Caller, item *T, clientMutationID *string) *Payload[T] {
	if item == nil {
		return nil
	}
	return &Payload[T]{item, m.Edge(caller, item), m.globalID(item), clientMutationID}
}

// An AcceptInput says which invitation a mutation accepts, see [Invitation].
type AcceptInput struct {
	ID               string // global
	ClientMutationID *string
}

// A DeleteInput says what a mutation deletes.
type DeleteInput struct {
	ID               string // global
	ExpectedVersion  *int
	ClientMutationID *string
}
