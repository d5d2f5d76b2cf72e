package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Eureka is the client side of a Spring Cloud app: it POSTs STARTING and then UP without asking whether the app is
// ready, beats every 30 s (EUREKA_HEARTBEAT), POSTs again where a beat is answered with 404, and says DOWN and
// DELETEs its lease when it is told to stop. Where several servers are given it uses the first that answers.
type Eureka struct {
	servers   []string
	app, id   string
	host      string
	port      int
	heartbeat time.Duration
	lease     int
	metadata  map[string]string
	client    *http.Client
	status    string
	dirty     int64
}

// eurekaFromEnvironment gives nil where no server is named: by SPRING_APPLICATION_JSON (eureka.client.serviceUrl), else
// by EUREKA.
func eurekaFromEnvironment(get func(string) string, identity Identity) (*Eureka, error) {
	spring, err := readSettings(get("SPRING_APPLICATION_JSON"))
	if err != nil {
		return nil, err
	}
	servers := cmp.Or(spring.get("eureka.client.serviceUrl.defaultZone"), get("EUREKA"))
	if servers == "" || spring.get("eureka.client.registerWithEureka") == "false" || spring.get("eureka.client.enabled") == "false" {
		return nil, nil
	}
	port, err := strconv.Atoi(cmp.Or(spring.get("eureka.instance.nonSecurePort"), get("PORT"), "8080"))
	if err != nil {
		return nil, fmt.Errorf("port: %w", err)
	}
	heartbeat, err := time.ParseDuration(cmp.Or(get("EUREKA_HEARTBEAT"), "30s"))
	if err != nil {
		return nil, fmt.Errorf("EUREKA_HEARTBEAT: %w", err)
	}
	lease, err := strconv.Atoi(cmp.Or(spring.get("eureka.instance.leaseExpirationDurationInSeconds"), "90"))
	if err != nil {
		return nil, fmt.Errorf("lease: %w", err)
	}
	host := cmp.Or(spring.get("eureka.instance.ipAddress"), spring.get("eureka.instance.hostname"))
	if host == "" {
		if host, err = ownAddress(spring.get("spring.cloud.inetutils.preferredNetworks")); err != nil {
			return nil, err
		}
	}
	app := strings.ToUpper(cmp.Or(spring.get("spring.application.name"), identity.Service))
	metadata := map[string]string{"version": identity.Version}
	for key, value := range spring {
		if name, ok := strings.CutPrefix(key, "eureka.instance.metadatamap."); ok {
			metadata[name] = value
		}
	}
	return &Eureka{
		servers: strings.Split(servers, ","), app: app, host: host, port: port, heartbeat: heartbeat, lease: lease,
		id:       cmp.Or(spring.get("eureka.instance.instanceId"), identity.Instance+":"+strings.ToLower(app)+":"+strconv.Itoa(port)),
		metadata: metadata, client: &http.Client{Timeout: 3 * time.Second},
	}, nil
}

// ownAddress is the first IPv4 address of a wanted network (prefixes such as 10.83, separated by commas), else the first.
func ownAddress(preferred string) (string, error) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return "", fmt.Errorf("list addresses: %w", err)
	}
	first := ""
	for _, address := range addresses {
		prefix, err := netip.ParsePrefix(address.String())
		if err != nil || prefix.Addr().IsLoopback() || !prefix.Addr().Is4() {
			continue
		}
		first = cmp.Or(first, prefix.Addr().String())
		for wanted := range strings.SplitSeq(preferred, ",") {
			if wanted != "" && strings.HasPrefix(prefix.Addr().String(), strings.ReplaceAll(wanted, `\`, "")) {
				return prefix.Addr().String(), nil
			}
		}
	}
	return cmp.Or(first, "127.0.0.1"), nil
}

// Run registers, beats until ctx ends, says DOWN at once, and cancels the lease when stopped is closed.
func (e *Eureka) Run(ctx context.Context, stopped <-chan struct{}) {
	e.register(ctx, "STARTING")
	e.register(ctx, "UP")
	beat := time.NewTicker(e.heartbeat)
	defer beat.Stop()
	for ctx.Err() == nil {
		select {
		case <-beat.C:
			e.beat(ctx)
		case <-ctx.Done():
		}
	}
	ending, done := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	e.register(ending, "DOWN")
	done()
	<-stopped
	ending, done = context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer done()
	if code, err := e.ask(ending, http.MethodDelete, e.path(), nil); err != nil {
		log.Printf("eureka: cancel: %v", err)
	} else {
		log.Printf("eureka: cancelled (%d)", code)
	}
}

func (e *Eureka) path() string { return "/apps/" + e.app + "/" + url.PathEscape(e.id) }

func (e *Eureka) register(ctx context.Context, status string) {
	e.status, e.dirty = status, max(time.Now().UnixMilli(), e.dirty+1)
	e.post(ctx)
}

func (e *Eureka) post(ctx context.Context) {
	body, err := json.Marshal(map[string]any{"instance": map[string]any{
		"instanceId": e.id, "hostName": e.host, "app": e.app, "ipAddr": e.host, "status": e.status, "overriddenstatus": "UNKNOWN",
		"port": map[string]any{"$": e.port, "@enabled": "true"}, "securePort": map[string]any{"$": 443, "@enabled": "false"},
		"countryId":      1,
		"dataCenterInfo": map[string]any{"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"},
		"leaseInfo":      map[string]any{"renewalIntervalInSecs": int(e.heartbeat.Seconds()), "durationInSecs": e.lease},
		"metadata":       e.metadata, "vipAddress": strings.ToLower(e.app), "secureVipAddress": strings.ToLower(e.app),
		"isCoordinatingDiscoveryServer": "false",
		"lastUpdatedTimestamp":          strconv.FormatInt(e.dirty, 10), "lastDirtyTimestamp": strconv.FormatInt(e.dirty, 10),
	}})
	if err != nil {
		log.Printf("eureka: %v", err)
		return
	}
	code, err := e.ask(ctx, http.MethodPost, "/apps/"+e.app, body)
	log.Printf("eureka: POST %s: %d %v", e.status, code, err)
}

func (e *Eureka) beat(ctx context.Context) {
	query := url.Values{"status": {e.status}, "lastDirtyTimestamp": {strconv.FormatInt(e.dirty, 10)}}
	code, err := e.ask(ctx, http.MethodPut, e.path()+"?"+query.Encode(), nil)
	switch {
	case err != nil:
		log.Printf("eureka: beat: %v", err)
	case code == http.StatusNotFound:
		e.register(ctx, e.status)
	}
}

// ask gives the first server's answer that is not an error and not 5xx.
func (e *Eureka) ask(ctx context.Context, method, path string, body []byte) (int, error) {
	var code int
	var last error
	for _, server := range e.servers {
		request, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(strings.TrimSpace(server), "/")+path, bytes.NewReader(body))
		if err != nil {
			return 0, err
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Accept", "application/json")
		response, err := e.client.Do(request)
		if err != nil {
			last = err
			continue
		}
		_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20)) // only the code counts
		_ = response.Body.Close()                                        // read as far as wanted
		code, last = response.StatusCode, nil
		if code < 500 {
			return code, nil
		}
	}
	return code, last
}
