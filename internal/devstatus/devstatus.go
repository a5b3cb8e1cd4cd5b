// Package devstatus is what `ownql dev` and the server that it starts tell each other, by files in a directory
// that Variable names to the server.
package devstatus

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Variable is, in the server's environment, the directory.
const Variable = "OWNQL_DEV_STATUS"

// A State is what becomes of the project's last change.
type State string

const (
	Serving State = "serving" // the server is of the project as it is
	Working State = "working" // another is being made
	Mistake State = "mistake" // none could be made: the last good one serves
)

// A Status is what `ownql dev` tells the server's pages.
type Status struct {
	State State  `json:"state"`
	Text  string `json:"text"` // of a mistake: file, line and what to write, a line each
}

// Dir is the directory.
type Dir string

const (
	statusFile  = "status.json"
	servingFile = "serving"
)

// SetStatus is called by `ownql dev`.
func (d Dir) SetStatus(status Status) error {
	content, err := json.Marshal(status)
	if err != nil {
		return err
	}
	return d.write(statusFile, content)
}

// Status is called by the server.
func (d Dir) Status() (status Status, err error) {
	content, err := os.ReadFile(filepath.Join(string(d), statusFile))
	if err != nil {
		return Status{}, err
	}
	return status, json.Unmarshal(content, &status)
}

// SetServing is called by a server once it listens at the URL. It tells whether it is the first in this
// directory.
func (d Dir) SetServing(url string) (isFirst bool, err error) {
	_, err = os.Stat(filepath.Join(string(d), servingFile))
	isFirst = errors.Is(err, fs.ErrNotExist)
	return isFirst, d.write(servingFile, []byte(strconv.Itoa(os.Getpid())+" "+url))
}

// ServingAt returns where the server with the process id listens; empty: it does not yet.
func (d Dir) ServingAt(pid int) (url string) {
	content, err := os.ReadFile(filepath.Join(string(d), servingFile))
	if err != nil {
		return ""
	}
	by, url, _ := strings.Cut(string(content), " ")
	if by != strconv.Itoa(pid) {
		return ""
	}
	return url
}

// write has the file never be there in part.
func (d Dir) write(name string, content []byte) error {
	file, err := os.CreateTemp(string(d), "."+name+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // gone already where all went well
	_, err = file.Write(content)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), filepath.Join(string(d), name))
}
