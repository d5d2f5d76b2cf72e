package spec

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

// NginxServer is where one nginx runs: exactly one of Container and Host.
type NginxServer struct {
	// Container is the name of a container.
	Container string `json:"container,omitempty"`
	// Host is the nginx of the machine on which segue runs.
	Host *NginxHost `json:"host,omitempty"`
}

// NginxHost is the nginx of the machine on which segue runs.
type NginxHost struct{}

// TLSFiles are a certificate and its key, by path on the machine on which nginx runs.
type TLSFiles struct {
	CertFile string `json:"certFile"`
	KeyFile  string `json:"keyFile"`
}
