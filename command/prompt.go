package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// readPassword asks for a password on a terminal, twice and without an echo, and
// elsewhere takes the first line of stdin.
func readPassword(ctx context.Context, stdin io.Reader, prompt io.Writer) (string, error) {
	file, ok := stdin.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		line, err := bufio.NewReader(stdin).ReadString('\n')
		if err != nil && err != io.EOF {
			return "", fmt.Errorf("read the password from standard input: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	terminal := int(file.Fd())
	before, err := term.GetState(terminal)
	if err != nil {
		return "", fmt.Errorf("read the password from the terminal: %w", err)
	}
	// The signal that ends ctx does not end the reading.
	giveUp := context.AfterFunc(ctx, func() {
		term.Restore(terminal, before)
		fmt.Fprintln(prompt)
		os.Exit(1)
	})
	defer giveUp()
	var answers [2]string
	for i, question := range []string{"Password: ", "Again: "} {
		fmt.Fprint(prompt, question)
		answer, err := term.ReadPassword(terminal)
		fmt.Fprintln(prompt)
		if err != nil {
			return "", fmt.Errorf("read the password from the terminal: %w", err)
		}
		answers[i] = string(answer)
	}
	if answers[0] != answers[1] {
		return "", errors.New("the two passwords differ, nothing was done")
	}
	return answers[0], nil
}
