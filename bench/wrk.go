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
	script, file string // of wrk, and the requests
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

// take has wrk ask for as long as a turn is. One answer that is not right is an error.
func (l *wrkLoad) take(ctx context.Context, d time.Duration, connections int) (turn, error) {
	wrk, err := find("wrk", "wrk")
	if err != nil {
		return turn{}, err
	}
	seconds := fmt.Sprintf("%.0fs", d.Seconds()) // wrk takes whole ones
	asking := exec.CommandContext(ctx, wrk, "-t1", fmt.Sprint("-c", connections), "-d"+seconds, "--timeout", "10s", "-s", l.script, l.url, "--", l.file)
	said, err := asking.CombinedOutput()
	if err != nil {
		return turn{}, fmt.Errorf("wrk: %w\n%s", err, said)
	}
	var seen struct {
		Requests, Microseconds, P50, P99, Connect, Read, Write, Timeout, Bad int
	}
	lines := bytes.Split(bytes.TrimSpace(said), []byte("\n"))
	if err := json.Unmarshal(lines[len(lines)-1], &seen); err != nil {
		return turn{}, fmt.Errorf("wrk: %w\n%s", err, said)
	}
	if seen.Connect+seen.Read+seen.Write+seen.Timeout+seen.Bad > 0 {
		return turn{}, fmt.Errorf("of %d answers, %d had a status other than 200 or an error of GraphQL; %d connections failed, %d reads and %d writes, and %d requests took more than 10 s",
			seen.Requests, seen.Bad, seen.Connect, seen.Read, seen.Write, seen.Timeout)
	}
	if seen.Requests == 0 {
		return turn{}, fmt.Errorf("nothing was answered in %s", seconds)
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
