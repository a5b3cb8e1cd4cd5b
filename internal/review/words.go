package review

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// who says in words whom a grant is for.
func who(g grant) string {
	var people, objects []condition
	for _, c := range g {
		switch c.kind {
		case "public":
		case "is", "where":
			objects = append(objects, c)
		default:
			people = append(people, c)
		}
	}
	var text string
	switch len(people) {
	case 0:
		text = "everybody"
	case 1:
		text = people[0].people()
	default:
		does := make([]string, len(people))
		for i, c := range people {
			does[i] = c.does()
		}
		text = "whoever " + strings.Join(does, " and ")
	}
	if len(objects) == 0 {
		return text
	}
	is := make([]string, len(objects))
	for i, c := range objects {
		if is[i] = c.name; c.kind == "is" {
			is[i] = "`" + dotted(c.path, c.name) + "` is " + strings.Join(coded(c.words()), " or ")
		}
	}
	return text + ", where " + strings.Join(is, " and ")
}

// words are those that merged has put into a condition.
func (c condition) words() []string { return strings.Split(c.word, "\x00") }

// its is what a path leads to.
func its(path string) string {
	if path == "" {
		return "it"
	}
	return "its `" + path + "`"
}

// people says whom the condition is for.
func (c condition) people() string {
	switch c.kind {
	case "authenticated":
		return "whoever is signed in"
	case "self":
		return "the user"
	case "owner":
		if c.path == "" {
			return "its owner"
		}
		return "the owner of " + its(c.path)
	case "named":
		return "whom its `" + dotted(c.path, c.name) + "` names"
	case "groups":
		return "users with the role " + or(coded(c.words()))
	case "members":
		return "members of " + its(c.path) + c.asRole()
	case "invited":
		return "whom it invites"
	}
	return "whoever " + c.does()
}

// does says what whoever meets the condition does.
func (c condition) does() string {
	switch c.kind {
	case "authenticated":
		return "is signed in"
	case "self":
		return "is the user"
	case "owner":
		return "owns " + its(c.path)
	case "named":
		return "is its `" + dotted(c.path, c.name) + "`"
	case "groups":
		return "has the role " + or(coded(c.words()))
	case "members":
		return "is a member of " + its(c.path) + c.asRole()
	case "together":
		return "is in something together with the user by `" + c.name + "`" + c.asRole()
	case "invited":
		return "is invited by it"
	case "rule":
		return "is admitted by " + code(c.name)
	}
	return c.kind
}

// asRole says in which roles, unless in all.
func (c condition) asRole() string {
	if c.word == "" || len(c.words()) == len(c.roles) {
		return ""
	}
	return " as " + or(coded(c.words()))
}

// code is text as Markdown shows code: in one line, in a fence that the text has not. Texts that differ look otherwise.
func code(text string) string {
	isUnseen := func(r rune) bool { return !strconv.IsPrint(r) }
	if text == "" || text[0] == '"' || strings.ContainsFunc(text, isUnseen) {
		text = strconv.Quote(text)
	}
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if fence != "`" {
		text = " " + text + " " // as a backtick may begin or end it
	}
	return fence + text + fence
}

func coded(words []string) []string {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = code(word)
	}
	return all
}

func or(words []string) string { return joinedBy(words, "or") }

func and(words []string) string { return joinedBy(words, "and") }

func joinedBy(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	end := len(words) - 1
	return fmt.Sprintf("%s %s %s", strings.Join(words[:end], ", "), last, words[end])
}

func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
