package registry

import (
	"encoding/json"
	"encoding/xml"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"github.com/segue-dev/segue/controller/eureka"
)

func applicationsBody(apps eureka.Applications) body {
	return func(asJSON bool) []byte {
		if asJSON {
			return asJSONBody(map[string]any{"applications": apps})
		}
		root := element{name: "applications", children: []element{
			leaf("versions__delta", apps.Version), leaf("apps__hashcode", apps.Hash),
		}}
		for _, app := range apps.Apps {
			root.children = append(root.children, applicationElement(app))
		}
		return asXMLBody(root)
	}
}

func applicationBody(app eureka.Application) body {
	return func(asJSON bool) []byte {
		if asJSON {
			return asJSONBody(map[string]any{"application": app})
		}
		return asXMLBody(applicationElement(app))
	}
}

func instanceBody(instance eureka.Instance) body {
	return func(asJSON bool) []byte {
		if asJSON {
			return asJSONBody(map[string]any{"instance": instance})
		}
		return asXMLBody(instanceElement(instance))
	}
}

// asJSONBody cannot fail: everything in it is strings, numbers and booleans.
func asJSONBody(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

func asXMLBody(root element) []byte {
	data, err := xml.Marshal(root)
	if err != nil {
		panic(err) // as above
	}
	return data
}

// element is XML whose names are known only at run time.
type element struct {
	name       string
	attributes []xml.Attr
	text       string
	children   []element
}

func leaf(name, text string) element { return element{name: name, text: text} }

// MarshalXML writes the element and what is in it.
func (e element) MarshalXML(encoder *xml.Encoder, _ xml.StartElement) error {
	start := xml.StartElement{Name: xml.Name{Local: e.name}, Attr: e.attributes}
	if err := encoder.EncodeToken(start); err != nil {
		return err
	}
	if e.text != "" {
		if err := encoder.EncodeToken(xml.CharData(e.text)); err != nil {
			return err
		}
	}
	for _, child := range e.children {
		if err := child.MarshalXML(encoder, xml.StartElement{}); err != nil {
			return err
		}
	}
	return encoder.EncodeToken(start.End())
}

func applicationElement(app eureka.Application) element {
	e := element{name: "application", children: []element{leaf("name", app.Name)}}
	for _, instance := range app.Instances {
		e.children = append(e.children, instanceElement(instance))
	}
	return e
}

func instanceElement(i eureka.Instance) element {
	port := func(name string, p eureka.Port) element {
		return element{name: name, attributes: attribute("enabled", strconv.FormatBool(p.Enabled)), text: strconv.Itoa(p.Number)}
	}
	number := func(name string, n int64) element { return leaf(name, strconv.FormatInt(n, 10)) }
	return element{name: "instance", children: []element{
		leaf("instanceId", i.ID), leaf("hostName", i.HostName), leaf("app", i.App), leaf("ipAddr", i.IPAddr),
		leaf("status", string(i.Status)), leaf("overriddenstatus", string(i.Overridden)),
		port("port", i.Port), port("securePort", i.SecurePort), number("countryId", int64(i.CountryID)),
		{name: "dataCenterInfo", attributes: attribute("class", i.DataCenterClass), children: []element{leaf("name", i.DataCenter)}},
		{name: "leaseInfo", children: []element{
			number("renewalIntervalInSecs", int64(i.Lease.RenewalInterval)), number("durationInSecs", int64(i.Lease.Duration)),
			number("registrationTimestamp", i.Lease.Registered), number("lastRenewalTimestamp", i.Lease.LastRenewal),
			number("evictionTimestamp", i.Lease.Evicted), number("serviceUpTimestamp", i.Lease.ServiceUp),
		}},
		metadataElement(i.Metadata),
		leaf("homePageUrl", i.HomePageURL), leaf("statusPageUrl", i.StatusPageURL), leaf("healthCheckUrl", i.HealthCheckURL),
		leaf("vipAddress", i.VIP), leaf("secureVipAddress", i.SecureVIP),
		leaf("isCoordinatingDiscoveryServer", strconv.FormatBool(i.Coordinating)),
		number("lastUpdatedTimestamp", i.LastUpdated), number("lastDirtyTimestamp", i.LastDirty),
		leaf("actionType", i.Action),
	}}
}

// xmlName is what may stand as an element's name. Other keys of the metadata are in the JSON only.
var xmlName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

func metadataElement(metadata map[string]string) element {
	e := element{name: "metadata"}
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if xmlName.MatchString(key) {
			e.children = append(e.children, leaf(key, metadata[key]))
		}
	}
	return e
}

func attribute(name, value string) []xml.Attr {
	return []xml.Attr{{Name: xml.Name{Local: name}, Value: value}}
}
