package graph

type Resolver struct{ Accounts int }
