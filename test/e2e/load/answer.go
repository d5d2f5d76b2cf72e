package load

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// answer is what a good answer says about who gave it.
type answer struct {
	service, version, instance string
}

// question is one request to be made and what its answer has to be.
type question struct {
	job  Job
	body []byte
}

// newQuestion gives the nth request of a job its own body.
func newQuestion(job Job, n int64) question {
	asked := question{job: job}
	if job.Request == Post || job.Request == PostOnce {
		asked.body = bytes.Repeat(fmt.Appendf(nil, "%s %016d ", job.Name, n), 2048/(len(job.Name)+18)+1)
	}
	return asked
}

func (q question) method() string {
	if q.body != nil {
		return http.MethodPost
	}
	return http.MethodGet
}

func (q question) path() string {
	takes := q.job.Takes.Milliseconds()
	switch q.job.Request {
	case Post, PostOnce:
		return q.job.Target.Path + "/echo"
	case Slow:
		return q.job.Target.Path + "/slow?ms=" + strconv.FormatInt(takes, 10)
	case Stream:
		return q.job.Target.Path + "/stream?chunks=10&ms=" + strconv.FormatInt(takes/10, 10)
	default:
		return q.job.Target.Path + "/"
	}
}

// judge reads the whole answer and says what is wrong with it.
func (q question) judge(response *http.Response) (answer, error) {
	from := answer{response.Header.Get("X-Service"), response.Header.Get("X-Version"), response.Header.Get("X-Instance")}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return from, &failed{kindOf(err, true), err}
	}
	switch {
	case from.service != "" && from.service != q.job.Target.Service:
		return from, failure(WrongService, "%s %s answered for %s", from.service, from.instance, q.job.Target.Service)
	case response.StatusCode == http.StatusServiceUnavailable && response.Header.Get("Retry-After") != "":
		return from, failure(Unavailable, "Retry-After: %s", response.Header.Get("Retry-After"))
	case response.StatusCode != http.StatusOK:
		return from, failure(Failure(strconv.Itoa(response.StatusCode)), "%s", firstLine(body))
	case from.service == "":
		return from, failure(WrongService, "an answer without X-Service: %s", firstLine(body))
	}
	return from, q.judgeBody(response, body)
}

func (q question) judgeBody(response *http.Response, body []byte) error {
	switch q.job.Request {
	case Post, PostOnce:
		sum := fmt.Sprintf("%08x", crc32.ChecksumIEEE(q.body))
		if !bytes.Equal(body, q.body) || response.Header.Get("X-Body-Sum") != sum {
			return failure(WrongBody, "sent %d bytes (%s), got %d (%s)", len(q.body), sum, len(body), response.Header.Get("X-Body-Sum"))
		}
	case Stream:
		if !bytes.HasSuffix(body, []byte("\nend\n")) || bytes.Count(body, []byte("\n")) != 11 {
			return failure(Truncated, "a stream of %d lines, last %q", bytes.Count(body, []byte("\n")), lastLine(body))
		}
	default:
		var who struct{ Service, Version, Instance string }
		if err := json.Unmarshal(body, &who); err != nil {
			return failure(WrongBody, "%s: %w", firstLine(body), err)
		}
		if who.Service != q.job.Target.Service || who.Version != response.Header.Get("X-Version") {
			return failure(WrongBody, "%s", firstLine(body))
		}
	}
	return nil
}

func firstLine(body []byte) string {
	line, _, _ := strings.Cut(string(body[:min(len(body), 200)]), "\n")
	return line
}

func lastLine(body []byte) string {
	lines := strings.Split(strings.TrimRight(string(body), "\n"), "\n")
	return lines[len(lines)-1]
}
