package command

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/ownql/ownql/auth"
)

// devSecret returns the secret in file, made at the first call.
func devSecret(file string) ([]byte, error) {
	secret, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return newDevSecret(file)
	}
	if err != nil {
		return nil, fmt.Errorf("read the secret of dev: %w", err)
	}
	if err := auth.CheckSecret(secret); err != nil {
		return nil, fmt.Errorf("%s is not what was made there: remove it to have a new one made, which signs everyone out", file)
	}
	return secret, nil
}

func newDevSecret(file string) ([]byte, error) {
	random := make([]byte, 32)
	rand.Read(random)
	secret := []byte(base64.RawStdEncoding.EncodeToString(random))
	return secret, writeWhole(file, secret)
}
