package eureka

import (
	"encoding/json"
	"strconv"

	"github.com/segue-dev/segue/reconcile"
)

// Instance is one entry of a registry, in the words of Eureka's InstanceInfo.
type Instance struct {
	ID       string
	App      string
	HostName string
	IPAddr   string
	Status   reconcile.LeaseStatus
	// Overridden is the override; LeaseUnknown where there is none.
	Overridden reconcile.LeaseStatus
	Port       Port
	SecurePort Port
	CountryID  int
	// DataCenter is MyOwn, Amazon or Netflix; DataCenterClass the Java class that a server insists on.
	DataCenter      string
	DataCenterClass string
	Lease           LeaseInfo
	Metadata        map[string]string
	HomePageURL     string
	StatusPageURL   string
	HealthCheckURL  string
	// VIP is what Spring consumers look an instance up by.
	VIP          string
	SecureVIP    string
	Coordinating bool
	// LastUpdated and LastDirty are milliseconds since 1970; LastDirty 0 means that none was sent.
	LastUpdated int64
	LastDirty   int64
	// Action is ADDED, MODIFIED or DELETED; in a delta it counts for more than Status.
	Action string
}

// Port is one of an instance's two.
type Port struct {
	Number  int
	Enabled bool
}

// LeaseInfo is how long an entry lives, in seconds, and what happened to it, in milliseconds since 1970.
type LeaseInfo struct {
	RenewalInterval int
	Duration        int
	Registered      int64
	// LastRenewal is, after a heartbeat, the time of that plus Duration: an old mistake that servers keep.
	LastRenewal int64
	Evicted     int64
	ServiceUp   int64
}

// MyOwnDataCenter is the class that goes with the data center MyOwn.
const MyOwnDataCenter = "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo"

// DialPort is the port that consumers dial.
func (i Instance) DialPort() int {
	if i.SecurePort.Enabled {
		return i.SecurePort.Number
	}
	return i.Port.Number
}

type wireInstance struct {
	InstanceID     text            `json:"instanceId,omitempty"`
	HostName       text            `json:"hostName,omitempty"`
	App            text            `json:"app,omitempty"`
	IPAddr         text            `json:"ipAddr,omitempty"`
	Status         text            `json:"status,omitempty"`
	Overridden     text            `json:"overriddenstatus,omitempty"`
	OverriddenNew  text            `json:"overriddenStatus,omitempty"`
	Port           *wirePort       `json:"port,omitempty"`
	SecurePort     *wirePort       `json:"securePort,omitempty"`
	CountryID      integer         `json:"countryId"`
	DataCenter     *wireDataCenter `json:"dataCenterInfo,omitempty"`
	Lease          *wireLease      `json:"leaseInfo,omitempty"`
	Metadata       map[string]text `json:"metadata"`
	HomePageURL    text            `json:"homePageUrl,omitempty"`
	StatusPageURL  text            `json:"statusPageUrl,omitempty"`
	HealthCheckURL text            `json:"healthCheckUrl,omitempty"`
	VIP            text            `json:"vipAddress,omitempty"`
	SecureVIP      text            `json:"secureVipAddress,omitempty"`
	Coordinating   text            `json:"isCoordinatingDiscoveryServer,omitempty"`
	LastUpdated    millis          `json:"lastUpdatedTimestamp,omitzero"`
	LastDirty      millis          `json:"lastDirtyTimestamp,omitzero"`
	Action         text            `json:"actionType,omitempty"`
}

type wirePort struct {
	Number  integer   `json:"$"`
	Enabled truthText `json:"@enabled"`
}

type wireDataCenter struct {
	Class text `json:"@class,omitempty"`
	Name  text `json:"name"`
}

type wireLease struct {
	RenewalInterval integer `json:"renewalIntervalInSecs"`
	Duration        integer `json:"durationInSecs"`
	Registered      integer `json:"registrationTimestamp,omitempty"`
	LastRenewal     integer `json:"lastRenewalTimestamp,omitempty"`
	Evicted         integer `json:"evictionTimestamp,omitempty"`
	ServiceUp       integer `json:"serviceUpTimestamp,omitempty"`
}

// truthText is read as truth is and written as a string.
type truthText struct{ truth }

func (t truthText) MarshalJSON() ([]byte, error) {
	return json.Marshal(strconv.FormatBool(bool(t.truth)))
}

// millis is a timestamp, written as a string.
type millis struct{ integer }

func (m millis) MarshalJSON() ([]byte, error) {
	return json.Marshal(strconv.FormatInt(int64(m.integer), 10))
}

// UnmarshalJSON reads an entry as servers and clients of all ages write it.
func (i *Instance) UnmarshalJSON(data []byte) error {
	var w wireInstance
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	*i = Instance{
		ID: string(w.InstanceID), App: string(w.App), HostName: string(w.HostName), IPAddr: string(w.IPAddr),
		Status: knownStatus(w.Status, reconcile.LeaseUp), CountryID: int(w.CountryID),
		HomePageURL: string(w.HomePageURL), StatusPageURL: string(w.StatusPageURL), HealthCheckURL: string(w.HealthCheckURL),
		VIP: string(w.VIP), SecureVIP: string(w.SecureVIP), Coordinating: w.Coordinating == "true",
		LastUpdated: int64(w.LastUpdated.integer), LastDirty: int64(w.LastDirty.integer), Action: string(w.Action),
	}
	overridden := w.OverriddenNew
	if overridden == "" {
		overridden = w.Overridden
	}
	i.Overridden = knownStatus(overridden, reconcile.LeaseUnknown)
	if w.Port != nil {
		i.Port = Port{int(w.Port.Number), bool(w.Port.Enabled.truth)}
	}
	if w.SecurePort != nil {
		i.SecurePort = Port{int(w.SecurePort.Number), bool(w.SecurePort.Enabled.truth)}
	}
	if w.DataCenter != nil {
		i.DataCenter, i.DataCenterClass = string(w.DataCenter.Name), string(w.DataCenter.Class)
	}
	if l := w.Lease; l != nil {
		i.Lease = LeaseInfo{int(l.RenewalInterval), int(l.Duration), int64(l.Registered), int64(l.LastRenewal), int64(l.Evicted), int64(l.ServiceUp)}
	}
	i.Metadata = make(map[string]string, len(w.Metadata))
	for key, value := range w.Metadata {
		if key != "@class" { // {"@class": "java.util.Collections$EmptyMap"} is an empty one
			i.Metadata[key] = string(value)
		}
	}
	return nil
}

// MarshalJSON writes an entry as current servers and clients do. The override has its old name, which servers of all
// ages read; a server writes the new one beside it.
func (i Instance) MarshalJSON() ([]byte, error) {
	w := wireInstance{
		InstanceID: text(i.ID), App: text(i.App), HostName: text(i.HostName), IPAddr: text(i.IPAddr),
		Status: text(i.Status), Overridden: text(i.Overridden), OverriddenNew: text(i.Overridden), CountryID: integer(i.CountryID),
		Port:        &wirePort{integer(i.Port.Number), truthText{truth(i.Port.Enabled)}},
		SecurePort:  &wirePort{integer(i.SecurePort.Number), truthText{truth(i.SecurePort.Enabled)}},
		DataCenter:  &wireDataCenter{text(i.DataCenterClass), text(i.DataCenter)},
		HomePageURL: text(i.HomePageURL), StatusPageURL: text(i.StatusPageURL), HealthCheckURL: text(i.HealthCheckURL),
		VIP: text(i.VIP), SecureVIP: text(i.SecureVIP), Coordinating: text(strconv.FormatBool(i.Coordinating)),
		LastUpdated: millis{integer(i.LastUpdated)}, LastDirty: millis{integer(i.LastDirty)}, Action: text(i.Action),
		Lease: &wireLease{
			integer(i.Lease.RenewalInterval), integer(i.Lease.Duration), integer(i.Lease.Registered),
			integer(i.Lease.LastRenewal), integer(i.Lease.Evicted), integer(i.Lease.ServiceUp),
		},
		Metadata: make(map[string]text, len(i.Metadata)),
	}
	for key, value := range i.Metadata {
		w.Metadata[key] = text(value)
	}
	return json.Marshal(w)
}

// ParseStatus reads a status as a server does: exact and in capitals.
func ParseStatus(s string) (reconcile.LeaseStatus, bool) {
	switch status := reconcile.LeaseStatus(s); status {
	case reconcile.LeaseUp, reconcile.LeaseDown, reconcile.LeaseStarting, reconcile.LeaseOutOfService, reconcile.LeaseUnknown:
		return status, true
	}
	return reconcile.LeaseUnknown, false
}

func knownStatus(written text, absent reconcile.LeaseStatus) reconcile.LeaseStatus {
	if written == "" {
		return absent
	}
	status, _ := ParseStatus(string(written))
	return status
}
