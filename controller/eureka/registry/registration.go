package registry

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/segue-dev/segue/controller/eureka"
)

// registrationLimit bounds a registration's body.
const registrationLimit = 1 << 20

// readRegistration gives a code and a reason when the body is none that can be registered.
func readRegistration(q *http.Request, app string) (eureka.Instance, int, string) {
	if kind := q.Header.Get("Content-Type"); strings.Contains(kind, "xml") {
		return eureka.Instance{}, http.StatusUnsupportedMediaType, "registrations are read as JSON"
	}
	var body struct {
		Instance *eureka.Instance `json:"instance"`
	}
	data, err := io.ReadAll(io.LimitReader(q.Body, registrationLimit))
	if err == nil {
		err = json.Unmarshal(data, &body)
	}
	if err != nil || body.Instance == nil {
		return eureka.Instance{}, http.StatusBadRequest, "the body is not a JSON instance"
	}
	i := *body.Instance
	missing := ""
	switch {
	case i.ID == "" && i.HostName == "":
		missing = "instanceId"
	case i.HostName == "":
		missing = "hostName"
	case i.IPAddr == "":
		missing = "ipAddr"
	case i.App == "":
		missing = "app"
	case i.DataCenter == "" || i.DataCenterClass == "":
		missing = "dataCenterInfo"
	}
	if missing != "" {
		return i, http.StatusBadRequest, "Missing " + missing
	}
	if !strings.EqualFold(i.App, app) {
		return i, http.StatusBadRequest, "Mismatched appName, expecting " + app + " but was " + i.App
	}
	if i.ID == "" {
		i.ID = i.HostName
		if part := i.Metadata["instanceId"]; part != "" {
			i.ID += ":" + part
		}
	}
	return i, 0, ""
}
