package store

type Store struct{ prefix string }

type Caller struct{ ID string }

type Page struct{}
