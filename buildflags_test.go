//go:build !race

package main

// buildFlags are what the binary of the stories is built with.
var buildFlags []string
