package e2e

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// curl stands in for the command of that name, which a machine with nothing but Go
// may lack. It knows the options that our stories and the README use, and -repeat N,
// which sends the request N times and prints the last answer, -until, -at-once, -stable
// and -fill.
// OWNQL_TEST_CONNECT_TO=FROM=TO sends what is for the address FROM to TO.
func curl() {
	if err := runCurl(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "curl:", err)
		os.Exit(1)
	}
}

func runCurl(args []string, stdout io.Writer) error {
	var (
		flags   = flag.NewFlagSet("curl", flag.ContinueOnError)
		method  = flags.String("X", "", "method")
		include = flags.Bool("i", false, "print the status and the headers")
		stable  = flags.Bool("stable", false, "like -i, without the headers that differ from one answer to the next")
		repeat  = flags.Int("repeat", 1, "times")
		until   = flags.Int("until", 0, "the status that ends the repetition")
		atOnce  = flags.Int("at-once", 0, "times, all at once; prints how often which status came")
		header  = http.Header{}
		body    *string
	)
	flags.Bool("s", false, "silent")
	flags.Func("fill", "body; a login whose password has that many bytes", func(text string) error {
		size, err := strconv.Atoi(text)
		login := `{"email":"ada@example.com","password":"` + strings.Repeat("x", size) + `"}`
		body = &login
		return err
	})
	flags.Func("H", "header", func(text string) error {
		name, value, _ := strings.Cut(text, ":")
		header.Add(name, strings.TrimSpace(value))
		return nil
	})
	flags.Func("d", "body; @FILE is a file's", func(text string) error {
		if name, ok := strings.CutPrefix(text, "@"); ok {
			content, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			text = string(content)
		}
		body = &text
		return nil
	})
	address, err := parseInterleaved(flags, args)
	if err != nil {
		return err
	}
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	// curl takes { and } for its own unless they are escaped.
	address = strings.NewReplacer(`\{`, "{", `\}`, "}").Replace(address)
	if *method == "" {
		*method = http.MethodGet
		if body != nil {
			*method = http.MethodPost
		}
	}
	if *atOnce > 0 {
		return sendAtOnce(*atOnce, *method, address, header, body, stdout)
	}
	var response *http.Response
	var content []byte
	for range *repeat {
		if response, content, err = send(*method, address, header, body); err != nil {
			return err
		}
		if response.StatusCode == *until {
			break
		}
	}
	if *stable {
		response.Header.Del("Date")
		response.Header.Del("X-Request-Id")
	}
	if *include || *stable {
		fmt.Fprintf(stdout, "%s %s\n", response.Proto, response.Status)
		response.Header.Write(stdout)
		fmt.Fprintln(stdout)
	}
	_, err = stdout.Write(content)
	return err
}

// parseInterleaved parses flags before and after the one argument that is none.
func parseInterleaved(flags *flag.FlagSet, args []string) (argument string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return "", err
		}
		if flags.NArg() == 0 {
			return argument, nil
		}
		argument, args = flags.Arg(0), flags.Args()[1:]
	}
}

// sendAtOnce sends a request that many times, all of them before the first is answered
// as far as that is up to the client, and prints `64 × 200 OK`.
func sendAtOnce(times int, method, address string, header http.Header, body *string, stdout io.Writer) error {
	type answer struct {
		status string
		err    error
	}
	answers := make(chan answer)
	for range times {
		go func() {
			response, _, err := send(method, address, header, body)
			if err != nil {
				answers <- answer{err: err}
				return
			}
			answers <- answer{status: response.Status}
		}()
	}
	count := map[string]int{}
	for range times {
		answer := <-answers
		if answer.err != nil {
			return answer.err
		}
		count[answer.status]++
	}
	for _, status := range slices.Sorted(maps.Keys(count)) {
		fmt.Fprintf(stdout, "%d × %s\n", count[status], status)
	}
	return nil
}

func send(method, address string, header http.Header, body *string) (*http.Response, []byte, error) {
	var reader io.Reader
	if body != nil {
		reader = strings.NewReader(*body)
	}
	request, err := http.NewRequest(method, address, reader)
	if err != nil {
		return nil, nil, err
	}
	request.Header = header.Clone()
	request.Header.Set("Accept", "*/*")
	if accept := header.Get("Accept"); accept != "" {
		request.Header.Set("Accept", accept)
	}
	if host := header.Get("Host"); host != "" {
		request.Host = host
	}
	if body != nil && header.Get("Content-Type") == "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if from, to, ok := strings.Cut(os.Getenv("OWNQL_TEST_CONNECT_TO"), "="); ok && request.URL.Host == from {
		request.URL.Host = to
	}
	client := &http.Client{
		Timeout:   time.Minute,
		Transport: &http.Transport{DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext},
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response, content, err
}
