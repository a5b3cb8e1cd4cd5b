package store

// Words returns how many words there are.
func (item *Post) Words() *int { return nil }
