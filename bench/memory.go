package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// peakMemory returns the most anonymous memory, in bytes, that the place's processes have together until ctx is done.
func (p *place) peakMemory(ctx context.Context) (peak int, err error) {
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		bytes := 0
		for _, pid := range p.pids {
			of, err := anonymousMemory(pid)
			if err != nil {
				return 0, err
			}
			bytes += of
		}
		peak = max(peak, bytes)
		select {
		case <-look.C:
		case <-ctx.Done():
			return peak, nil
		}
	}
}

// anonymousMemory returns the memory of a process and of those that it started, in bytes, without mapped files.
func anonymousMemory(pid int) (bytes int, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, found := strings.Cut(string(status), "RssAnon:")
	if !found {
		return 0, fmt.Errorf("no RssAnon in /proc/%d/status", pid)
	}
	kilobytes, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		return 0, err
	}
	bytes = kilobytes << 10
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", pid))
	if err != nil {
		return 0, err
	}
	for _, text := range strings.Fields(string(children)) {
		child, err := strconv.Atoi(text)
		if err != nil {
			return 0, err
		}
		of, err := anonymousMemory(child)
		if err != nil {
			return 0, err
		}
		bytes += of
	}
	return bytes, nil
}
