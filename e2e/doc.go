// Package e2e drives the built binary from outside: by its command line, HTTP, a browser, and as
// a newcomer who copies the repository. What it knows of the project that it builds, and of where
// the repository is, is in project_test.go.
package e2e
