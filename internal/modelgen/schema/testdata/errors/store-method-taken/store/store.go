package store

func (s *Store) Layouts() []string { return nil }
