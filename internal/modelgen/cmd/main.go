// Command cmd runs modelgen on the project whose root is given, for `go generate`.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/ownql/ownql/internal/modelgen"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stderr))
}

func run(args []string, stderr io.Writer) int {
	if len(args) != 1 {
		fmt.Fprintln(stderr, "usage: go run github.com/ownql/ownql/internal/modelgen/cmd ROOT, where ROOT holds schema.graphqls")
		return 2
	}
	if err := modelgen.Generate(args[0]); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}
