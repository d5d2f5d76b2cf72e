package spec

import (
	"net/netip"
	"strings"
)

// Nginx is one or more nginx servers that answer alike.
type Nginx struct {
	APIVersion string    `json:"apiVersion"`
	Kind       string    `json:"kind"`
	Metadata   Metadata  `json:"metadata"`
	Spec       NginxSpec `json:"spec,omitzero"`
}

// SwitchMode is how traffic is moved on nginx.
type SwitchMode string

// The switch modes.
const (
	SwitchAuto   SwitchMode = "Auto"
	SwitchReload SwitchMode = "Reload"
	SwitchFlag   SwitchMode = "Flag"
)

// NginxSpec is the wanted state of an Nginx object.
type NginxSpec struct {
	// Servers must all serve a change. One that segue runs itself when empty.
	Servers []NginxServer `json:"servers,omitempty"`
	// Image is for the server that segue runs itself; refused beside Servers.
	Image string `json:"image,omitempty"`
	// HTTPPort and HTTPSPort are what segue's own server blocks listen on, and what is published of the server that
	// segue runs itself. Default 80 and 443.
	HTTPPort  *int `json:"httpPort,omitempty"`
	HTTPSPort *int `json:"httpsPort,omitempty"`
	// InternalPorts is the range of the internal listener. Default "21000-21999".
	InternalPorts string `json:"internalPorts,omitempty"`
	// ConfDir is owned by segue and the only place where it writes. Default /etc/nginx/segue.
	ConfDir string     `json:"confDir,omitempty"`
	TLS     []TLSFiles `json:"tls,omitempty"`
	Switch  SwitchMode `json:"switch,omitempty"`
	// KeepaliveMinTimeoutSeconds is the clients' longest think time (nginx >= 1.27.4). Default 2.
	KeepaliveMinTimeoutSeconds *int `json:"keepaliveMinTimeoutSeconds,omitempty"`
	// LameSeconds is how long answers carry "Connection: close" before a reload of an older nginx. Default 3.
	LameSeconds *int `json:"lameSeconds,omitempty"`
}

// NginxServer is where one nginx runs: exactly one of Container, Host and SSH.
type NginxServer struct {
	// Container is the name of a container.
	Container string `json:"container,omitempty"`
	// Host is the nginx of the machine on which segue runs.
	Host *NginxHost `json:"host,omitempty"`
	// SSH is the nginx of another machine.
	SSH *NginxSSH `json:"ssh,omitempty"`
	// Reach is where this server finds instances. Default Host for ssh, else Container.
	Reach Reach `json:"reach,omitempty"`
	// AdvertiseAddress is where callers inside reach the server's listeners, an IPv4 address or a name. Default: a
	// container's address on the network segue; --advertise-address for the nginx of this machine; the address over ssh.
	AdvertiseAddress string `json:"advertiseAddress,omitempty"`
}

// NginxHost is the nginx of the machine on which segue runs.
type NginxHost struct{}

// NginxSSH is the nginx of a machine that is reached over ssh. Its host key has to be in known_hosts.
type NginxSSH struct {
	// Address is [USER@]HOST[:PORT]; HOST may be an alias of the OpenSSH configuration of the user that runs segue.
	Address string `json:"address"`
	// IdentityFile is a private key on the machine on which segue runs. Default: the keys of the ssh agent and of the
	// OpenSSH configuration.
	IdentityFile string `json:"identityFile,omitempty"`
	// Sudo runs everything there by sudo -n.
	Sudo bool `json:"sudo,omitempty"`
}

// byAddress: the machine is named by an IPv4 address.
func (s NginxSSH) byAddress() bool {
	_, host, found := strings.Cut(s.Address, "@")
	if !found {
		host = s.Address
	}
	host, _, _ = strings.Cut(host, ":")
	address, err := netip.ParseAddr(host)
	return err == nil && address.Is4()
}

// Reach is at which address instances are found.
type Reach string

// The ways to reach an instance.
const (
	// ReachContainer is the instance's own address, on the network segue.
	ReachContainer Reach = "Container"
	// ReachHost is the port that the instance has published on the machine on which it runs.
	ReachHost Reach = "Host"
)

// Name is what the server is called: its container, "host", or the machine's name with its port if that is written.
func (s NginxServer) Name() string {
	switch {
	case s.SSH != nil:
		_, host, found := strings.Cut(s.SSH.Address, "@")
		if !found {
			return s.SSH.Address
		}
		return host
	case s.Host != nil:
		return "host"
	default:
		return s.Container
	}
}

// TLSFiles are a certificate and its key, by path on the machine on which nginx runs.
type TLSFiles struct {
	CertFile string `json:"certFile"`
	KeyFile  string `json:"keyFile"`
}
