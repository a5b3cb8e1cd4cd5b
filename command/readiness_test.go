package command

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// slowStore answers no call before answer is closed, and then with err.
type slowStore struct {
	dynamodbiface.DynamoDBAPI
	asked  chan bool
	answer chan bool
	err    error
	calls  atomic.Int32
}

func (s *slowStore) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	s.calls.Add(1)
	s.asked <- true
	<-s.answer
	return &dynamodb.GetItemOutput{}, s.err
}

// TestReadiness holds that many who ask at once ask the store once, and that a good answer counts
// for those who come next, and a bad one does not.
func TestReadiness(t *testing.T) {
	for _, test := range []struct {
		name          string
		err           error
		status, calls int
	}{
		{"a store that answers", nil, http.StatusOK, 1},
		{"a store that does not", errors.New("no store"), http.StatusServiceUnavailable, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			store := &slowStore{asked: make(chan bool, 100), answer: make(chan bool), err: test.err}
			handler := web.REST("GET", newReadiness(model.Open(store, "")).ready)
			ask := func() {
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
				if w.Code != test.status {
					t.Errorf("answered %d %s", w.Code, w.Body)
				}
			}
			var asking sync.WaitGroup
			asking.Go(ask)
			<-store.asked
			for range 50 {
				asking.Go(ask)
			}
			gone, cancel := context.WithCancel(t.Context())
			cancel()
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil).WithContext(gone))
			if w.Code != http.StatusServiceUnavailable {
				t.Errorf("who does not wait is answered %d", w.Code)
			}
			close(store.answer)
			asking.Wait()
			ask()
			if calls := int(store.calls.Load()); calls < test.calls || test.err == nil && calls > test.calls {
				t.Errorf("the store is asked %d times, want %d", calls, test.calls)
			}
		})
	}
}
