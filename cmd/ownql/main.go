// Command ownql is the tool of a project: it turns schema.graphqls into Go. It imports nothing
// of the project, so that it runs when that does not compile.
package main

import (
	"fmt"
	"io"
	"os"
)

const usage = `usage: ownql COMMAND

  generate [DIR]   write the Go, the public schema and the tables that schema.graphqls asks for
  schema [DIR]     print the public schema

DIR is the project's directory, which holds schema.graphqls and gqlgen.yml. Without it, that is
the nearest from here upward.
`

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run carries out a command, and returns what the process exits with: 2 for a command that is
// none.
func run(args []string, stdout, stderr io.Writer) int {
	commands := map[string]func(dir string, stdout io.Writer) error{
		"generate": generate,
		"schema":   printSchema,
	}
	if len(args) == 1 && (args[0] == "help" || args[0] == "-h" || args[0] == "--help") {
		fmt.Fprint(stdout, usage)
		return 0
	}
	if len(args) == 0 || len(args) > 2 || commands[args[0]] == nil {
		fmt.Fprint(stderr, usage)
		return 2
	}
	dir, err := projectDir(args[1:])
	if err == nil {
		err = commands[args[0]](dir, stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}
