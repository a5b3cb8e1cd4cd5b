//go:build tools

package main

// What `go generate` runs stays in go.mod.
import _ "github.com/ownql/ownql/cmd/ownql"
