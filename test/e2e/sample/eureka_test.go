package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

func TestItRegistersAsASpringAppDoes(t *testing.T) {
	asked := make(chan string, 1000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		what := r.Method + " " + r.URL.Path
		switch r.Method {
		case http.MethodPost:
			var body struct {
				Instance struct {
					InstanceID, HostName, Status string
					Metadata                     map[string]string
				}
			}
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				t.Error(err)
			}
			i := body.Instance
			what += " " + i.Status + " " + i.InstanceID + " " + i.HostName + " " + i.Metadata["zone"]
		case http.MethodPut:
			w.WriteHeader(http.StatusNotFound)
		}
		asked <- what
	}))
	defer server.Close()
	eureka, err := eurekaFromEnvironment(func(name string) string {
		return map[string]string{
			"EUREKA_HEARTBEAT": "10ms",
			"SPRING_APPLICATION_JSON": `{"eureka":{"client":{"service-url":{"defaultZone":"` + server.URL + `/eureka/"}},
				"instance":{"instance-id":"o:orders:orders-a-1","metadata-map":{"zone":"z1"}}},
				"eureka.instance.ipAddress":"10.83.0.5","spring.application.name":"orders"}`,
		}[name]
	}, Identity{"sample", "1", "a"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	stopped, ended := make(chan struct{}), make(chan struct{})
	go func() {
		eureka.Run(ctx, stopped)
		close(ended)
	}()
	post := func(status string) string {
		return "POST /eureka/apps/ORDERS " + status + " o:orders:orders-a-1 10.83.0.5 z1"
	}
	got := []string{<-asked, <-asked, <-asked, <-asked}
	want := []string{post("STARTING"), post("UP"), "PUT /eureka/apps/ORDERS/o:orders:orders-a-1", post("UP")}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	stop()
	close(stopped)
	<-ended
	close(asked)
	var rest []string
	for what := range asked {
		rest = append(rest, what)
	}
	if last := rest[max(0, len(rest)-2):]; !slices.Equal(last, []string{post("DOWN"), "DELETE /eureka/apps/ORDERS/o:orders:orders-a-1"}) {
		t.Errorf("at the end: %q", rest)
	}
}
