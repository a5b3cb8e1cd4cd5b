package dynamolocal

// A tokenKind is what a token of an expression can be.
type tokenKind int

const (
	tokenEOF    tokenKind = iota
	tokenName             // a name, a keyword or a function: letters, digits and _
	tokenNumber           // an index into a list
	tokenHash             // #placeholder of an attribute's name
	tokenColon            // :placeholder of a value
	tokenSymbol           // an operator, a bracket, a comma, a dot, or what belongs nowhere
)

// A token is text[start:end] of the expression.
type token struct {
	kind       tokenKind
	text       string
	start, end int
}

// lex cuts an expression into tokens, the last of which is <EOF>. It cannot go wrong: a
// character that belongs nowhere is a symbol that the parser does not expect.
func lex(text string) []token {
	var tokens []token
	for i := 0; i < len(text); {
		if isSpace(text[i]) {
			i++
			continue
		}
		kind, end := tokenSymbol, i+1
		switch c := text[i]; {
		case c == '#' && wordEnd(text, i+1) > i+1:
			kind, end = tokenHash, wordEnd(text, i+1)
		case c == ':' && wordEnd(text, i+1) > i+1:
			kind, end = tokenColon, wordEnd(text, i+1)
		case isDigit(c):
			for kind = tokenNumber; end < len(text) && isDigit(text[end]); end++ {
			}
		case isWord(c) && c != '_': // with which a name goes on, but does not begin
			kind, end = tokenName, wordEnd(text, i)
		case c >= 0x80: // a whole character of UTF-8
			for end < len(text) && text[end]&0xc0 == 0x80 {
				end++
			}
		case end < len(text):
			switch text[i : end+1] {
			case "<>", "<=", ">=":
				end++
			}
		}
		tokens = append(tokens, token{kind, text[i:end], i, end})
		i = end
	}
	return append(tokens, token{tokenEOF, "<EOF>", len(text), len(text)})
}

func wordEnd(text string, i int) int {
	for i < len(text) && isWord(text[i]) {
		i++
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWord(c byte) bool {
	return c == '_' || isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
