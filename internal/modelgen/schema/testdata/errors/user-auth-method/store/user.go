package store

func (u *User) Greeting() string { return "Hello, " + u.FirstName }
func (u *User) Initials() string { return u.FirstName[:1] }
