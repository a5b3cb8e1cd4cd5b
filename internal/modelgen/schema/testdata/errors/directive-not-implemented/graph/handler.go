package graph

var config = Config{Resolvers: &Resolver{}, Directives: DirectiveRoot{Lower: lower}}
