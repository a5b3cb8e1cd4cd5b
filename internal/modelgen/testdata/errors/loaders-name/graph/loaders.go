package graph

type loaders struct {
	users, sessions int
	modelLoaders
}

func (loaders) node() {}

func (loaders) nodes() {}

func (loaders) nodeThunk() {}
