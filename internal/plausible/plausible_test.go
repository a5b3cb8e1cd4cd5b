package plausible

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"testing"
	"time"
	"unicode/utf8"
)

func number(n float64) *float64 { return &n }

// TestText wants texts within the limits, whatever they are called, the same of the same source.
func TestText(t *testing.T) {
	for _, field := range []Field{
		{Name: "title", Of: "Issue", MinLength: 1, MaxLength: 200},
		{Name: "name", Of: "Organization", MaxLength: 5},
		{Name: "body", MinLength: 1000, MaxLength: 1010},
		{Name: "note", MaxLength: 1},
		{Name: "email", MaxLength: 200, Patterns: []*regexp.Regexp{regexp.MustCompile(`^[^@]+@[^@]+$`)}},
		{Name: "sku", Patterns: []*regexp.Regexp{regexp.MustCompile(`^[A-Z]{3}-\d+$`), regexp.MustCompile("[A-Z`]")}},
		{Name: "slug", MinLength: 12, MaxLength: 40, Patterns: []*regexp.Regexp{regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)}},
		{Name: "zip", Patterns: []*regexp.Regexp{regexp.MustCompile(`^(\d{5}|[A-Z]{2}\d{1,2} \d[A-Z]{2})$`)}},
		{Name: "word", MinLength: 30, Patterns: []*regexp.Regexp{regexp.MustCompile(`^\p{Lu}\p{Ll}+$`)}, MaxLength: 300},
	} {
		t.Run(field.Name, func(t *testing.T) {
			r, again := rand.New(rand.NewPCG(7, 1)), rand.New(rand.NewPCG(7, 1))
			for range 300 {
				text, ok := field.Text(r)
				length := utf8.RuneCountInString(text)
				if !ok || length < field.MinLength || field.MaxLength > 0 && length > field.MaxLength || !utf8.ValidString(text) {
					t.Fatalf("%q of %d characters, %v", text, length, ok)
				}
				for _, pattern := range field.Patterns {
					if !pattern.MatchString(text) {
						t.Fatalf("%q does not match %v", text, pattern)
					}
				}
				if same, _ := field.Text(again); same != text {
					t.Fatalf("%q, and then %q", text, same)
				}
			}
		})
	}
}

// TestTextNever says that nothing is found where nothing can be.
func TestTextNever(t *testing.T) {
	field := Field{Name: "title", MaxLength: 2, Patterns: []*regexp.Regexp{regexp.MustCompile(`^[a-z]{3}$`)}}
	if text, ok := field.Text(rand.New(rand.NewPCG(1, 1))); ok {
		t.Errorf("%q is as the limits say", text)
	}
}

// TestWithNumber wants ten thousand different texts.
func TestWithNumber(t *testing.T) {
	for _, field := range []Field{
		{Name: "slug", MaxLength: 12},
		{Name: "email"},
		{Name: "sku", Patterns: []*regexp.Regexp{regexp.MustCompile(`^[A-Z]{3}-\d+(-\d+)?$`)}},
	} {
		r, seen := rand.New(rand.NewPCG(7, 1)), map[string]bool{}
		for i := range 10_000 {
			text, ok := field.Text(r)
			if text = field.WithNumber(text, i); !ok || seen[text] || !field.isGood(text) {
				t.Fatalf("%s: %q is there already, or is not as the limits say", field.Name, text)
			}
			seen[text] = true
		}
	}
}

// TestNumber wants numbers within the limits.
func TestNumber(t *testing.T) {
	for _, field := range []Field{
		{Name: "price", Least: number(0), Most: number(20)},
		{Name: "stock", IsWhole: true, Least: number(0), Most: number(100)},
		{Name: "count", IsWhole: true, Least: number(7), Most: number(7)},
		{Name: "discount", Most: number(0.5)},
		{Name: "rating", Least: number(1_000_000)},
		{Name: "latitude"},
		{Name: "balance", Most: number(-3.001)},
		{Name: "part", Least: number(0.001), Most: number(0.002)},
	} {
		r := rand.New(rand.NewPCG(7, 1))
		for range 300 {
			n := field.Number(r)
			if field.Least != nil && n < *field.Least || field.Most != nil && n > *field.Most || field.IsWhole && n != math.Trunc(n) {
				t.Fatalf("%s is %v", field.Name, n)
			}
		}
	}
}

// TestTime wants what is due to come, and what was to have been, near to today.
func TestTime(t *testing.T) {
	today := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	r := rand.New(rand.NewPCG(7, 1))
	for range 300 {
		due, was, born := Field{Name: "dueDate"}.Time(r, today), Field{Name: "publishedAt"}.Time(r, today), Field{Name: "birthday"}.Time(r, today)
		if due.Before(today) || due.After(today.AddDate(0, 3, 0)) || !was.Before(today) || was.Before(today.AddDate(0, -4, 0)) || born.After(today.AddDate(-17, 0, 0)) {
			t.Fatal(due, was, born)
		}
	}
}

func ExampleField_Text() {
	r := rand.New(rand.NewPCG(1, 1))
	for _, field := range []Field{{Of: "Issue", Name: "title"}, {Of: "Organization", Name: "name"}, {Of: "Comment", Name: "body"}} {
		text, _ := field.Text(r)
		fmt.Println(text)
	}
	// Output:
	// Write the calm ticket
	// Sunny Garden Trading
	// The calendar is open, and the harbour is not. The ladder is lively, and the anchor is not.
}
