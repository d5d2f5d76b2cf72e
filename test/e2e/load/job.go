package load

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Client is how connections are used.
type Client string

// The kinds of client.
const (
	// Careful keeps connections, and looks for the server's FIN before it uses one again, as net/http and urllib3 do.
	Careful Client = "careful"
	// Naive keeps connections and does not look.
	Naive Client = "naive"
	// OneShot makes a connection for each request and asks for its end.
	OneShot Client = "one-shot"
	// HTTP2 multiplexes over one TLS connection.
	HTTP2 Client = "http2"
	// Socket holds a websocket and sends a message over it now and then; Job.Request does not matter.
	Socket Client = "websocket"
)

// Request is what is asked.
type Request string

// The kinds of request.
const (
	Get Request = "GET"
	// Post sends a body of 2 kB and wants it back.
	Post Request = "POST"
	// PostOnce is a Post whose body an HTTP/2 client cannot send again.
	PostOnce Request = "POST once"
	// Slow takes Job.Takes, 2 s if that is 0.
	Slow Request = "slow GET"
	// Stream is an answer in ten pieces over Job.Takes, 2 s if that is 0.
	Stream Request = "stream"
)

// Job is one kind of request of one kind of client at a fixed rate.
type Job struct {
	// Name is CLIENT REQUEST when empty; it must be unique among a generator's jobs.
	Name    string
	Target  Target
	Client  Client
	Request Request
	// Rate is requests (or a socket's messages) a second, over all connections.
	Rate float64
	// Connections is how many are used at most; as many as the rate and the time of a request need when 0.
	Connections int
	// Takes is how long the service is asked to take.
	Takes time.Duration
	// Timeout of one request; 10 s beside Takes when 0.
	Timeout time.Duration
	// Count ends the job after so many requests; 0 does not.
	Count int
}

func (j Job) withDefaults() Job {
	j.Name = cmp.Or(j.Name, strings.TrimSpace(string(j.Client)+" "+string(j.Request)))
	if j.Takes == 0 && (j.Request == Slow || j.Request == Stream) {
		j.Takes = 2 * time.Second
	}
	if j.Connections == 0 {
		// A fifth of a second of thinking between two requests of a connection.
		j.Connections = max(1, int(j.Rate*(j.Takes.Seconds()+0.2)+0.5))
	}
	j.Timeout = cmp.Or(j.Timeout, j.Takes+10*time.Second)
	return j
}

func (j Job) validate() error {
	switch j.Client {
	case Careful, Naive, OneShot, Socket:
	case HTTP2:
		if j.Target.TLS == nil {
			return fmt.Errorf("job %s: HTTP/2 needs TLS", j.Name)
		}
	default:
		return fmt.Errorf("job %s: no client %q", j.Name, j.Client)
	}
	if j.Rate <= 0 || j.Rate > 5000 {
		return fmt.Errorf("job %s: a rate of %v", j.Name, j.Rate)
	}
	if j.Target.Service == "" {
		return errors.New("job " + j.Name + ": no service is expected")
	}
	return nil
}

// fast says whether its answers come at once, so that gaps between them mean something.
func (j Job) fast() bool { return j.Takes == 0 && j.Client != Socket }

// Mixed is one job of each kind that speaks HTTP/1, together rate requests a second: what a service's callers look like.
func Mixed(target Target, rate float64) []Job {
	share := func(client Client, request Request, part float64) Job {
		return Job{Target: target, Client: client, Request: request, Rate: rate * part}
	}
	return []Job{
		share(Careful, Get, 0.25), share(Careful, Post, 0.2),
		share(Naive, Get, 0.2), share(Naive, Post, 0.15),
		share(OneShot, Get, 0.1), share(OneShot, Post, 0.08),
		{Target: target, Client: Careful, Request: Slow, Rate: max(1, rate*0.01)},
		{Target: target, Client: Careful, Request: Stream, Rate: max(1, rate*0.01)},
		{Target: target, Client: Socket, Rate: 2, Connections: 2},
	}
}
