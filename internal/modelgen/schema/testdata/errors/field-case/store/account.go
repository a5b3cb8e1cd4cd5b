package store

func (a *Account) Url() *string { return nil }

func (a *Account) Length() int { return 0 }

func (a *Account) isNew() bool { return true }

func (a *Account) ParentID() string { return "" }
