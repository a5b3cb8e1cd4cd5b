package command

import "testing"

// TestWantsTracing shows which variables turn it on.
func TestWantsTracing(t *testing.T) {
	for _, test := range []struct {
		name      string
		variables map[string]string
		want      bool
	}{
		{"nothing is set", nil, false},
		{"where to export", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, true},
		{"where to export traces", map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost:4318/v1/traces"}, true},
		{"the exporter, to where the SDK thinks best", map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, true},
		{"no exporter", map[string]string{"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, false},
		{"no SDK", map[string]string{"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, false},
		{"only a name", map[string]string{"OTEL_SERVICE_NAME": "weaver"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := wantsTracing(func(name string) string { return test.variables[name] })
			if got != test.want || err != nil {
				t.Errorf("%v, %v; want %v", got, err, test.want)
			}
		})
	}
}
