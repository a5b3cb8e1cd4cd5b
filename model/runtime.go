package model

// RunGoGenerate_ThisCodeIsForRuntime3 is what generated code names, so that code for another
// runtime does not compile, and the compiler's message says what to do: run `go generate ./...`.
// Its number goes up whenever generated code of before would not work any more.
const RunGoGenerate_ThisCodeIsForRuntime3 = true
