package store_test

// `go generate ./...` lists every file before it runs anything, then opens them package
// by package, in each those of package store_test last. So here, when modelgen removes
// the files of a type that is no more, they have been opened already; elsewhere the run
// would end with an error.
//go:generate go run github.com/ownql/ownql/internal/modelgen/cmd ..

// Then samgen tells CloudFormation of the tables that the types just written have.
//go:generate go run github.com/ownql/ownql/internal/samgen ..
