package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// all returns the place's processes, and those that they have started.
func (p *place) all() (pids []int, err error) {
	for next := slices.Clone(p.pids); len(next) > 0; next = next[1:] {
		pids = append(pids, next[0])
		children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", next[0]))
		if err != nil {
			return nil, err
		}
		for text := range strings.FieldsSeq(string(children)) {
			pid, err := strconv.Atoi(text)
			if err != nil {
				return nil, err
			}
			next = append(next, pid)
		}
	}
	return pids, nil
}

// sum returns the sum of a figure of all the place's processes.
func (p *place) sum(of func(pid int) (int, error)) (sum int, err error) {
	pids, err := p.all()
	if err != nil {
		return 0, err
	}
	for _, pid := range pids {
		one, err := of(pid)
		if err != nil {
			return 0, err
		}
		sum += one
	}
	return sum, nil
}

// peakMemory returns the most anonymous memory, in bytes, that the place's processes have together until ctx is done.
func (p *place) peakMemory(ctx context.Context) (peak int, err error) {
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		bytes, err := p.sum(anonymousMemory)
		if err != nil {
			return 0, err
		}
		peak = max(peak, bytes)
		select {
		case <-look.C:
		case <-ctx.Done():
			return peak, nil
		}
	}
}

// anonymousMemory returns the memory of a process in bytes, without mapped files.
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
	return kilobytes << 10, err
}

// tick is the unit of times in /proc (proc(5), sysconf(_SC_CLK_TCK)).
const tick = time.Second / 100

// cpuTicks returns how long a process has used a processor.
func cpuTicks(pid int) (ticks int, err error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // behind the name
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat is %q", pid, stat)
	}
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		return 0, err
	}
	system, err := strconv.Atoi(fields[12])
	return user + system, err
}

// cpuTime returns how long the place's processes have used a processor together.
func (p *place) cpuTime() (time.Duration, error) {
	ticks, err := p.sum(cpuTicks)
	return time.Duration(ticks) * tick, err
}
