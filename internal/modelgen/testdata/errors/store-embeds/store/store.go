package store

type Store struct {
	models
	*logger
}

type logger struct{}
