package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"time"
)

//go:embed wrk.lua
var wrkScript []byte

// A wrkLoad is a load by wrk.
type wrkLoad struct {
	url          string
	script, file string  // of wrk, and the requests
	answerBytes  float64 // of an answer with its headers, in the mean; 0: not known yet
}

// A turn is what was seen of a server in one turn.
type turn struct {
	requests int
	rate     float64 // requests a second
	p50, p99 time.Duration
	cpu      float64 // nanoseconds that the server's processes used a processor for a request
	client   float64 // the share of the time in which wrk used its processor; 0: it was not wrk
	memory   int     // bytes, at the most; 0: it was not looked at
}

// newWrk writes the requests, which are all of one server, into files beside a directory. Their order
// is one of chance, and the same for all servers.
func newWrk(dir string, questions []question) (*wrkLoad, error) {
	l := &wrkLoad{script: dir + ".lua", file: dir + ".requests"}
	var all bytes.Buffer
	random := rand.New(rand.NewPCG(1, 2))
	for _, i := range random.Perm(len(questions)) {
		q := questions[i]
		request, err := q.request(context.Background())
		if err != nil {
			return nil, err
		}
		request.Header.Set("User-Agent", "wrk")
		var one bytes.Buffer
		if err := request.Write(&one); err != nil {
			return nil, err
		}
		fmt.Fprintf(&all, "%d\n", one.Len())
		one.WriteTo(&all)
		l.url = "http://" + request.URL.Host
	}
	if err := os.WriteFile(l.script, wrkScript, 0o644); err != nil {
		return nil, err
	}
	return l, os.WriteFile(l.file, all.Bytes(), 0o644)
}

// sizeTolerance is how much the mean size of answers may differ from what it was while each was looked at. An error
// of GraphQL has status 200, and another size.
const sizeTolerance = 0.03

// warm has wrk ask for a while, and looks at each answer.
func (l *wrkLoad) warm(ctx context.Context, d time.Duration, connections int) error {
	_, err := l.wrk(ctx, d, connections, "look")
	return err
}

// take has wrk ask for as long as a turn is, and looks at the status and the size of answers alone.
func (l *wrkLoad) take(ctx context.Context, d time.Duration, connections int) (turn, error) {
	return l.wrk(ctx, d, connections)
}

func (l *wrkLoad) wrk(ctx context.Context, d time.Duration, connections int, look ...string) (turn, error) {
	wrk, err := find("wrk", "wrk")
	if err != nil {
		return turn{}, err
	}
	seconds := fmt.Sprintf("%.0fs", d.Seconds()) // wrk takes whole ones
	args := append([]string{"-t1", fmt.Sprint("-c", connections), "-d" + seconds, "--timeout", "10s", "-s", l.script, l.url, "--", l.file}, look...)
	asking := exec.CommandContext(ctx, wrk, args...)
	said, err := asking.CombinedOutput()
	if err != nil {
		return turn{}, fmt.Errorf("wrk: %w\n%s", err, said)
	}
	var seen struct {
		Requests, Microseconds, Bytes, P50, P99, Status, Connect, Read, Write, Timeout, Bad int
	}
	lines := bytes.Split(bytes.TrimSpace(said), []byte("\n"))
	if err := json.Unmarshal(lines[len(lines)-1], &seen); err != nil {
		return turn{}, fmt.Errorf("wrk: %w\n%s", err, said)
	}
	if seen.Status+seen.Connect+seen.Read+seen.Write+seen.Timeout+seen.Bad > 0 {
		return turn{}, fmt.Errorf("of %d requests, %d had a status other than 2xx or 3xx, %d an error of GraphQL, %d were not connected, %d not read, %d not written, %d timed out",
			seen.Requests, seen.Status, seen.Bad, seen.Connect, seen.Read, seen.Write, seen.Timeout)
	}
	if seen.Requests == 0 {
		return turn{}, fmt.Errorf("nothing was answered in %s", seconds)
	}
	size := float64(seen.Bytes) / float64(seen.Requests)
	if len(look) > 0 {
		l.answerBytes = size
	} else if off := size/l.answerBytes - 1; off > sizeTolerance || off < -sizeTolerance {
		return turn{}, fmt.Errorf("answers have %.0f bytes in the mean, and had %.0f while each was looked at", size, l.answerBytes)
	}
	used := asking.ProcessState.UserTime() + asking.ProcessState.SystemTime()
	return turn{
		client:   used.Seconds() / (float64(seen.Microseconds) / 1e6),
		requests: seen.Requests,
		rate:     float64(seen.Requests) / float64(seen.Microseconds) * 1e6,
		p50:      time.Duration(seen.P50) * time.Microsecond,
		p99:      time.Duration(seen.P99) * time.Microsecond,
	}, nil
}

// A question is a request, as it is sent again and again.
type question struct {
	method, url string
	header      http.Header
	body        []byte
	check       func(answer []byte) error // that it is what is wanted
}

func (q question) request(ctx context.Context) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, q.method, q.url, bytes.NewReader(q.body))
	if err != nil {
		return nil, err
	}
	if len(q.body) == 0 {
		request.Body = http.NoBody
	}
	for name, values := range q.header {
		request.Header[name] = values
	}
	return request, nil
}
