package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// BenchmarkLogins measures what sign-ins do to everybody else, against the real binary:
// the viewer query, sent 200 times a second whether or not the last one is answered, takes
// turns between having the server to itself and standing beside clients who sign in over
// and over. `ratio` is the time beside them by the time alone, `busy` how many of the
// sign-ins of a turn were answered 503, `peak-MB` the server's anonymous memory.
//
//	go test -run xxx -bench Logins -benchtime 3x ./e2e
func BenchmarkLogins(b *testing.B) {
	const turn = 8 * time.Second // more than a sign-in waits before it is turned away
	for _, clients := range []int{64, 512} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			server := startMeasured(b)
			const accounts = 64
			for i := range accounts {
				server.signUp(b, fmt.Sprintf("u%d@example.com", i))
			}
			var (
				alone, beside      []time.Duration
				served, busy, peak int
				signingIn          time.Duration
			)
			server.askViewer(b, time.Second)
			for b.Loop() {
				alone = append(alone, server.askViewer(b, turn)...)

				ctx, stop := context.WithTimeout(b.Context(), turn)
				var (
					wg    sync.WaitGroup
					mu    sync.Mutex
					start = time.Now()
				)
				for i := range clients {
					email := fmt.Sprintf("u%d@example.com", i%accounts)
					wg.Go(func() {
						for ctx.Err() == nil {
							status := server.logIn(b, email, "correct horse")
							mu.Lock()
							switch status {
							case http.StatusOK:
								served++
							case http.StatusServiceUnavailable:
								busy++
							default:
								b.Errorf("a sign-in is answered %d", status)
							}
							mu.Unlock()
						}
					})
				}
				wg.Go(func() { peak = max(peak, server.peakMemory(b, ctx)) })
				beside = append(beside, server.askViewer(b, turn)...)
				wg.Wait()
				stop()
				signingIn += time.Since(start)
			}
			b.ReportMetric(0, "ns/op")
			for _, percent := range []int{50, 99} {
				before, after := quantile(alone, percent), quantile(beside, percent)
				b.ReportMetric(milliseconds(before), fmt.Sprintf("p%d-alone-ms", percent))
				b.ReportMetric(milliseconds(after), fmt.Sprintf("p%d-beside-ms", percent))
				b.ReportMetric(float64(after)/float64(before), fmt.Sprintf("p%d-ratio", percent))
			}
			b.ReportMetric(float64(served)/signingIn.Seconds(), "logins/s")
			b.ReportMetric(float64(busy)/float64(b.N), "busy")
			b.ReportMetric(float64(peak)/(1<<20), "peak-MB")
		})
	}
}

// BenchmarkLoginTiming compares how long sign-ins take that fail, against the real binary:
// by an unknown email, a wrong password and an empty one. The three take turns, in another
// order every time. What is printed are the ratios of their medians and, in the log, the
// 95 % intervals of those by the bootstrap: nobody can tell an account from none where
// they are about 1.
//
//	go test -run xxx -bench LoginTiming -benchtime 300x ./e2e
func BenchmarkLoginTiming(b *testing.B) {
	server := startMeasured(b)
	server.signUp(b, "ada@example.com")
	took := map[string][]time.Duration{}
	for i := 0; b.Loop(); i++ {
		attempts := []struct{ kind, email, password string }{
			{"unknown", fmt.Sprintf("nobody%d@example.com", i), "wrong horse"},
			{"wrong", "ada@example.com", "wrong horse"},
			{"empty", "ada@example.com", ""},
		}
		rand.Shuffle(len(attempts), func(i, j int) { attempts[i], attempts[j] = attempts[j], attempts[i] })
		for _, attempt := range attempts {
			start := time.Now()
			status := server.logIn(b, attempt.email, attempt.password)
			took[attempt.kind] = append(took[attempt.kind], time.Since(start))
			if status != http.StatusUnauthorized {
				b.Fatalf("%s: %d, want 401", attempt.kind, status)
			}
		}
		// This forgets the failures, before the account would have to wait.
		if status := server.logIn(b, "ada@example.com", "correct horse"); status != http.StatusOK {
			b.Fatalf("the right password: %d, want 200", status)
		}
	}
	b.ReportMetric(0, "ns/op")
	for _, kind := range []string{"unknown", "wrong", "empty"} {
		b.ReportMetric(milliseconds(quantile(took[kind], 50)), kind+"-ms")
	}
	for _, pair := range [][2]string{{"wrong", "unknown"}, {"empty", "unknown"}, {"empty", "wrong"}} {
		ratio, low, high := ratioOfMedians(took[pair[0]], took[pair[1]])
		b.ReportMetric(ratio, pair[0]+"/"+pair[1])
		b.Logf("%s/%s: %.3f, 95 %% of %.3f to %.3f, of %d each", pair[0], pair[1], ratio, low, high, b.N)
	}
}

// ratioOfMedians returns the ratio of the medians of a and b, and its 95 % interval.
func ratioOfMedians(a, b []time.Duration) (ratio, low, high float64) {
	const resamples = 2000
	resample := func(samples []time.Duration) []time.Duration {
		again := make([]time.Duration, len(samples))
		for i := range again {
			again[i] = samples[rand.IntN(len(samples))]
		}
		return again
	}
	ratioOf := func(a, b []time.Duration) float64 { return float64(quantile(a, 50)) / float64(quantile(b, 50)) }
	ratios := make([]float64, resamples)
	for i := range ratios {
		ratios[i] = ratioOf(resample(a), resample(b))
	}
	slices.Sort(ratios)
	return ratioOf(a, b), ratios[resamples*25/1000], ratios[resamples*975/1000]
}

// quantile returns what that many percent of the samples do not exceed.
func quantile(samples []time.Duration, percent int) time.Duration {
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// A measuredServer is the real binary on a data directory of its own.
type measuredServer struct {
	url    string
	pid    string
	token  string
	client *http.Client
}

func startMeasured(b *testing.B) *measuredServer {
	b.Helper()
	binary, err := buildBinary()
	if err != nil {
		b.Fatal(err)
	}
	addr, pidFile := freeAddr(b), filepath.Join(b.TempDir(), "pid")
	env := append(os.Environ(), "OWNQL_ADDR="+addr, "OWNQL_STORE="+b.TempDir(), "OWNQL_RATE_LIMIT=off")
	startServer(b, ".", env, "echo $$ >"+pidFile+"; exec "+binary+"/ownql")
	pid, err := os.ReadFile(pidFile)
	if err != nil {
		b.Fatal(err)
	}
	const connections = 1000
	server := &measuredServer{
		url:    "http://" + addr,
		pid:    strings.TrimSpace(string(pid)),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}},
	}
	b.Cleanup(server.client.CloseIdleConnections)
	_, answer := server.send(b, "/signup", `{"email":"viewer@example.com","password":"correct horse","firstName":"Viewer"}`)
	server.token = between(answer, `"access_token":"`, `"`)
	if server.token == "" {
		b.Fatalf("sign-up: %s", answer)
	}
	return server
}

// between returns what stands in text after before and up to after.
func between(text, before, after string) string {
	_, text, _ = strings.Cut(text, before)
	text, _, _ = strings.Cut(text, after)
	return text
}

func (s *measuredServer) send(b *testing.B, path, body string) (status int, answer string) {
	b.Helper()
	request, err := http.NewRequest(http.MethodPost, s.url+path, strings.NewReader(body))
	if err != nil {
		b.Error(err)
		return 0, ""
	}
	request.Header.Set("Content-Type", "application/json")
	if path == "/graphql" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	response, err := s.client.Do(request)
	if err != nil {
		b.Error(err)
		return 0, ""
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		b.Error(err)
	}
	return response.StatusCode, string(content)
}

func (s *measuredServer) signUp(b *testing.B, email string) {
	b.Helper()
	status, answer := s.send(b, "/signup", fmt.Sprintf(`{"email":%q,"password":"correct horse","firstName":"U"}`, email))
	if status != http.StatusCreated {
		b.Fatalf("sign-up: %d %s", status, answer)
	}
}

func (s *measuredServer) logIn(b *testing.B, email, password string) (status int) {
	b.Helper()
	status, _ = s.send(b, "/login", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password))
	return status
}

// askViewer sends the viewer query at a fixed pace for a while, and returns how long
// each took, from the moment that it was due.
func (s *measuredServer) askViewer(b *testing.B, d time.Duration) []time.Duration {
	b.Helper()
	const every = 5 * time.Millisecond
	var (
		wg    sync.WaitGroup
		took  = make([]time.Duration, d/every)
		start = time.Now()
	)
	for i := range took {
		due := start.Add(time.Duration(i) * every)
		time.Sleep(time.Until(due))
		wg.Go(func() {
			status, answer := s.send(b, "/graphql", `{"query":"{ viewer { id firstName lastName email } }"}`)
			took[i] = time.Since(due)
			if status != http.StatusOK || !strings.HasPrefix(answer, `{"data":{"viewer":{"id":`) {
				b.Errorf("the viewer query is answered %d %s", status, answer)
			}
		})
	}
	wg.Wait()
	return took
}

// peakMemory looks at the server's memory until ctx is done.
func (s *measuredServer) peakMemory(b *testing.B, ctx context.Context) (peak int) {
	b.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		memory, err := anonymousMemory(s.pid)
		if err != nil {
			b.Error(err)
			return 0
		}
		peak = max(peak, memory)
		select {
		case <-look.C:
		case <-ctx.Done():
			return peak
		}
	}
}

// anonymousMemory returns a process's memory in bytes, without the mapped data file.
func anonymousMemory(pid string) (int, error) {
	status, err := os.Open("/proc/" + pid + "/status")
	if err != nil {
		return 0, err
	}
	defer status.Close()
	lines := bufio.NewScanner(status)
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "RssAnon:"); ok {
			kilobytes, err := strconv.Atoi(strings.Fields(text)[0])
			return kilobytes << 10, err
		}
	}
	return 0, fmt.Errorf("no RssAnon in /proc/%s/status", pid)
}
