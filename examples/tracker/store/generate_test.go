package store_test

// `go generate ./...` lists every file before it runs anything, then opens them package
// by package, in each those of package store_test last. So here, when the tool removes the
// files of a type that is no more, they have been opened already; elsewhere the run would end
// with an error.
//go:generate go tool ownql generate ..
