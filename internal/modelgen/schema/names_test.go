package schema

import "testing"

func TestNames(t *testing.T) {
	for _, test := range []struct {
		name                                string
		singular, plural, goPlural, article string
	}{
		{"Post", "post", "posts", "Posts", "a post"},
		{"Category", "category", "categories", "Categories", "a category"},
		{"Day", "day", "days", "Days", "a day"},
		{"Address", "address", "addresses", "Addresses", "an address"},
		{"Box", "box", "boxes", "Boxes", "a box"},
		{"Match", "match", "matches", "Matches", "a match"},
		{"Wish", "wish", "wishes", "Wishes", "a wish"},
		{"BlogPost", "blogPost", "blogPosts", "BlogPosts", "a blog post"},
		{"URL", "url", "urls", "URLs", "a URL"},
		{"APIKey", "apiKey", "apiKeys", "APIKeys", "an API key"},
		{"HTTPPage", "httpPage", "httpPages", "HTTPPages", "an HTTP page"},
		{"Person2", "person2", "person2s", "Person2s", "a person2"},
	} {
		model := &Model{Name: test.name, Plural: pluralOf(lowerCamel(test.name))}
		for what, got := range map[string][2]string{
			"Singular":     {model.Singular(), test.singular},
			"Plural":       {model.Plural, test.plural},
			"GoPlural":     {model.GoPlural(), test.goPlural},
			"ProseArticle": {model.ProseArticle(), test.article},
		} {
			if got[0] != got[1] {
				t.Errorf("%s: %s is %q, want %q", test.name, what, got[0], got[1])
			}
		}
	}
}
