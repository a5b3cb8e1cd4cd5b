package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/ownql/ownql/model"
)

// Metrics count what a server does, for Prometheus: requests by operation and code, how long they take, sign-ins,
// what was turned away, and what DynamoDB was asked for. A nil *Metrics counts nothing. Nothing in them is of one
// user.
//
// https://prometheus.io/docs/instrumenting/exposition_formats/
type Metrics struct {
	set  *metrics.Set
	shed *metrics.Counter

	readUnits, writeUnits *metrics.FloatCounter
	items                 *metrics.Counter

	mu         sync.Mutex
	operations map[string]bool
	each       map[labels]*counted
}

// labels tell apart what is counted by itself.
type labels struct{ kind, name, code string }

// counted is how often something was, and how long it took.
type counted struct {
	count *metrics.Counter
	took  *metrics.PrometheusHistogram
}

// maxOperations is how many names of operations are counted one by one. Clients make them up.
const maxOperations = 200

// otherOperation stands for the names beyond those.
const otherOperation = "_other"

// codeOK is the code of what has none.
const codeOK = "OK"

// signInRoutes are those by which a session begins, or goes on.
var signInRoutes = []string{"/signup", "/login", "/refresh", "/invitation"}

// upTo are the upper bounds of the histograms' buckets, in seconds.
var upTo = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

func (c *counted) add(took time.Duration) {
	c.count.Inc()
	c.took.Update(took.Seconds())
}

// NewMetrics returns metrics of which nothing has been counted yet.
func NewMetrics() *Metrics {
	metrics.ExposeMetadata(true)
	set := metrics.NewSet()
	return &Metrics{
		set:        set,
		shed:       set.NewCounter("ownql_shed_total"),
		readUnits:  set.NewFloatCounter("ownql_dynamodb_read_units_total"),
		writeUnits: set.NewFloatCounter("ownql_dynamodb_write_units_total"),
		items:      set.NewCounter("ownql_dynamodb_items_total"),
		operations: map[string]bool{},
		each:       map[labels]*counted{},
	}
}

// ServeHTTP answers with what has been counted since the server began, and what Go and the system say of the process.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	m.set.WritePrometheus(w)
	metrics.WriteProcessMetrics(w)
}

// WithMetrics counts each request once it is answered. It stands within [WithLog].
func WithMetrics(m *Metrics, next http.Handler) http.Handler {
	if m == nil {
		return next
	}
	serving := m.set.NewGauge("ownql_requests_in_flight", nil)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isHealthCheck(r) {
			next.ServeHTTP(w, r)
			return
		}
		serving.Inc()
		defer serving.Dec()
		next.ServeHTTP(w, r)
		if x := exchangeBehind(w); x != nil {
			m.request(r, &x.noted, time.Since(x.begun))
		}
	})
}

func (m *Metrics) request(r *http.Request, noted *noted, took time.Duration) {
	kind, operation := cmp.Or(noted.kind, "http"), noted.route
	if noted.kind != "" {
		operation = m.operation(noted.operation)
	}
	code := cmp.Or(noted.code, codeOK)
	m.counted(labels{kind, operation, code}, func() *counted {
		return &counted{
			m.set.GetOrCreateCounter(fmt.Sprintf("ownql_requests_total{kind=%q,operation=%q,code=%q}", kind, operation, code)),
			m.set.GetOrCreatePrometheusHistogramExt(fmt.Sprintf("ownql_request_duration_seconds{kind=%q,operation=%q}", kind, operation), upTo),
		}
	}).add(took)
	if r.Method == http.MethodPost && slices.Contains(signInRoutes, r.URL.Path) {
		m.set.GetOrCreateCounter(fmt.Sprintf("ownql_sign_ins_total{route=%q,code=%q}", r.URL.Path, code)).Inc()
	}
	if noted.isShed {
		m.shed.Inc()
	}
}

// counted returns what is counted with these labels, which create makes where it has not been yet.
func (m *Metrics) counted(of labels, create func() *counted) *counted {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.each[of]
	if c == nil {
		c = create()
		m.each[of] = c
	}
	return c
}

// operation returns the name by which an operation is counted.
func (m *Metrics) operation(name string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.operations[name] && len(m.operations) >= maxOperations {
		return otherOperation
	}
	m.operations[name] = true
	return name
}

// Call counts a call of DynamoDB.
func (m *Metrics) Call(call model.Call) {
	code := cmp.Or(call.Code, codeOK)
	m.counted(labels{"call", call.Name, code}, func() *counted {
		return &counted{
			m.set.GetOrCreateCounter(fmt.Sprintf("ownql_dynamodb_calls_total{call=%q,code=%q}", call.Name, code)),
			m.set.GetOrCreatePrometheusHistogramExt(fmt.Sprintf("ownql_dynamodb_call_duration_seconds{call=%q}", call.Name), upTo),
		}
	}).add(call.Took)
	m.readUnits.Add(call.Usage.ReadUnits)
	m.writeUnits.Add(call.Usage.WriteUnits)
	m.items.Add(call.Usage.Items)
}

// NoteError has the request's line in the log, and its metrics, have the code of the error that it is answered with.
func NoteError(w http.ResponseWriter, err *model.Error) {
	if x := exchangeBehind(w); x != nil {
		x.noted.code, x.noted.isShed = string(err.Code), errors.Is(err, errBusy)
	}
}

// NoteCode is NoteError of which the code alone is known.
func NoteCode(w http.ResponseWriter, code string) {
	if x := exchangeBehind(w); x != nil {
		x.noted.code = Shortened(code)
	}
}

// NoteRoute has the request's metrics name the route that answers it.
func NoteRoute(w http.ResponseWriter, route string) {
	if x := exchangeBehind(w); x != nil {
		x.noted.route = route
	}
}
