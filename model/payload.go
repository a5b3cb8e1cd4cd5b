package model

// A Payload is what the mutations of a type answer.
// https://relay.dev/docs/guides/graphql-server-specification/
type Payload[T any] = PayloadOf[*T]

// PayloadOf is [Payload] by the pointer to its type.
type PayloadOf[P any] struct {
	Object           P          // after the change; of one that is deleted, before
	Edge             *EdgeOf[P] // it as it stands in each list by id that has it
	DeletedID        string     // its global id
	ClientMutationID *string    // the input's
}

// Payload returns what a mutation answers the caller that was carried out on the item; nil for nil.
func (m *ModelOf[P]) Payload(caller Caller, item P, clientMutationID *string) *PayloadOf[P] {
	kept := untyped(item)
	if kept == nil {
		return nil
	}
	return &PayloadOf[P]{item, m.Edge(caller, item), kept.GlobalID(), clientMutationID}
}

// GlobalIDs returns the id of what the mutation was carried out on.
func (p *PayloadOf[P]) GlobalIDs() []string {
	if p == nil {
		return nil
	}
	return []string{p.DeletedID}
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
