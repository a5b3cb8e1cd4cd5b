package schema

// Where things are in a project.
const (
	StoreDir   = "store"
	GraphDir   = "graph"
	PublicFile = "graph/schema.graphqls"
)
