package devloop

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Where changes come one upon the other, they are looked at together: once none came for quietFor, and after longest
// at the latest. Where nothing can be watched, files are looked at by the clock.
const (
	quietFor = 60 * time.Millisecond
	longest  = time.Second
	byClock  = time.Second
)

// A watch says when to look at the files of directories.
type watch struct {
	watcher *fsnotify.Watcher // nil: there is none
	dirs    map[string]bool
	look    chan struct{} // has one element when it is time
	stopped chan struct{}
}

// newWatch returns a watch of nothing yet, and what kept it from watching, which is no reason to give up.
func newWatch() (*watch, error) {
	w := &watch{dirs: map[string]bool{}, look: make(chan struct{}, 1), stopped: make(chan struct{})}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		go w.tick()
		return w, err
	}
	w.watcher = watcher
	go w.gather(watcher.Events, watcher.Errors)
	return w, nil
}

// add watches directories that it does not yet. Where that cannot be, it goes by the clock from now on.
func (w *watch) add(dirs []string) error {
	if w.watcher == nil {
		return nil
	}
	for _, dir := range dirs {
		// One that was made anew under its name has to be watched anew; to add twice does nothing.
		if err := w.watcher.Add(dir); err != nil && !isGone(dir) {
			w.watcher.Close()
			w.watcher = nil
			go w.tick()
			return err
		}
	}
	return nil
}

func isGone(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

func (w *watch) close() {
	close(w.stopped)
	if w.watcher != nil {
		w.watcher.Close()
	}
}

// gather has what comes together be one look.
func (w *watch) gather(events <-chan fsnotify.Event, errs <-chan error) {
	var quiet, latest <-chan time.Time
	for {
		select {
		case event, ok := <-events:
			if !ok {
				return
			}
			name := filepath.Base(event.Name)
			if event.Op == fsnotify.Chmod || filepath.Ext(name) != "" && !isOfInterest(name) {
				continue
			}
			quiet = time.After(quietFor)
			if latest == nil {
				latest = time.After(longest)
			}
			continue
		case _, ok := <-errs: // events were lost
			if !ok {
				return
			}
		case <-quiet:
		case <-latest:
		}
		quiet, latest = nil, nil
		w.tell()
	}
}

func (w *watch) tick() {
	ticker := time.NewTicker(byClock)
	defer ticker.Stop()
	for {
		select {
		case <-w.stopped:
			return
		case <-ticker.C:
			w.tell()
		}
	}
}

func (w *watch) tell() {
	select {
	case w.look <- struct{}{}:
	default: // it is told already
	}
}
