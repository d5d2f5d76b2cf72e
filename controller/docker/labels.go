package docker

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// The labels from which the world is read back. None ever holds a value of the user's but names and numbers.
const (
	labelOwner      = "segue.dev/owner"
	labelDeployment = "segue.dev/deployment"
	labelRevision   = "segue.dev/revision"
	labelN          = "segue.dev/n"
	labelSlot       = "segue.dev/slot"
	labelAddress    = "segue.dev/address"
	labelImage      = "segue.dev/image"
	labelRegistered = "segue.dev/registered"
	// labelPorts is the template's ports, "http=8080,=9090": what a preStop's httpGet may name.
	labelPorts = "segue.dev/ports"
	// labelRole and labelHash are on what segue runs for itself, which has no labelDeployment.
	labelRole = "segue.dev/role"
	labelHash = "segue.dev/hash"
)

// retiredSuffix ends the name of a container that is being stopped.
const retiredSuffix = ".retired"

// labelsOf are an instance's labels: the user's own, and above them what segue reads back.
func labelsOf(owner string, launch reconcile.Launch) map[string]string {
	labels := make(map[string]string, len(launch.Template.Labels)+8)
	for name, value := range launch.Template.Labels {
		labels[name] = value
	}
	labels[labelOwner] = owner
	labels[labelDeployment] = launch.Deployment.String()
	labels[labelRevision] = launch.Revision
	labels[labelN] = strconv.Itoa(launch.N)
	labels[labelAddress] = launch.Address.String()
	labels[labelImage] = launch.Image
	labels[labelPorts] = writePorts(launch.Ports)
	if launch.Slot != "" {
		labels[labelSlot] = launch.Slot
	}
	if launch.Registered.IsValid() {
		labels[labelRegistered] = launch.Registered.String()
	}
	return labels
}

// readLabels gives what the labels say of an instance that is named name on the engine. A number or an address that
// somebody broke reads as zero.
func readLabels(name string, labels map[string]string) reconcile.Container {
	name = strings.TrimPrefix(name, "/")
	bare, retired := strings.CutSuffix(name, retiredSuffix)
	n, err := strconv.Atoi(labels[labelN])
	if err != nil {
		n = 0
	}
	address, err := netip.ParseAddr(labels[labelAddress])
	if err != nil {
		address = netip.Addr{}
	}
	registered, err := netip.ParseAddrPort(labels[labelRegistered])
	if err != nil {
		registered = netip.AddrPort{}
	}
	return reconcile.Container{
		Name:       bare,
		Retired:    retired,
		Deployment: spec.ParseName(labels[labelDeployment]),
		Revision:   labels[labelRevision],
		N:          n,
		Slot:       labels[labelSlot],
		Image:      labels[labelImage],
		Address:    address,
		Registered: registered,
	}
}

func writePorts(ports []spec.Port) string {
	words := make([]string, len(ports))
	for i, p := range ports {
		words[i] = p.Name + "=" + strconv.Itoa(p.ContainerPort)
	}
	return strings.Join(words, ",")
}

// readPorts reads what writePorts wrote; what does not parse is left out.
func readPorts(s string) []spec.Port {
	var ports []spec.Port
	for word := range strings.SplitSeq(s, ",") {
		name, number, _ := strings.Cut(word, "=")
		if n, err := strconv.Atoi(number); err == nil {
			ports = append(ports, spec.Port{Name: name, ContainerPort: n})
		}
	}
	return ports
}
