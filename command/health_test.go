package command

import "testing"

func TestReachable(t *testing.T) {
	for addr, want := range map[string]string{
		":8080":          "127.0.0.1:8080",
		"0.0.0.0:8080":   "127.0.0.1:8080",
		"[::]:8080":      "[::1]:8080",
		"10.0.0.7:8080":  "10.0.0.7:8080",
		"localhost:8080": "localhost:8080",
	} {
		if got := reachable(addr); got != want {
			t.Errorf("a server at %s is asked at %s, want %s", addr, got, want)
		}
	}
}
