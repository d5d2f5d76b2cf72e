package spec

// Probe asks an instance how it feels: exactly one of HTTPGet, TCPSocket and Exec, with Kubernetes'
// numbers and defaults.
type Probe struct {
	HTTPGet   *HTTPGetAction   `json:"httpGet,omitempty"`
	TCPSocket *TCPSocketAction `json:"tcpSocket,omitempty"`
	Exec      *ExecAction      `json:"exec,omitempty"`
	// InitialDelaySeconds. Default 0.
	InitialDelaySeconds *int `json:"initialDelaySeconds,omitempty"`
	// PeriodSeconds. Default 10.
	PeriodSeconds *int `json:"periodSeconds,omitempty"`
	// TimeoutSeconds. Default 1.
	TimeoutSeconds *int `json:"timeoutSeconds,omitempty"`
	// SuccessThreshold. Default 1.
	SuccessThreshold *int `json:"successThreshold,omitempty"`
	// FailureThreshold. Default 3.
	FailureThreshold *int `json:"failureThreshold,omitempty"`
}

// HTTPGetAction is a GET at the container's own address.
type HTTPGetAction struct {
	Path string `json:"path,omitempty"`
	// Port is a number or the name of a port; the only one when empty.
	Port PortRef `json:"port,omitempty"`
	// Scheme is HTTP (the default) or HTTPS; certificates are not verified, as in Kubernetes.
	Scheme  string            `json:"scheme,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Expect  *Expect           `json:"expect,omitempty"`
}

// TCPSocketAction connects and closes.
type TCPSocketAction struct {
	Port PortRef `json:"port,omitempty"`
}

// ExecAction runs a command in the container; exit code 0 is success.
type ExecAction struct {
	Command []string `json:"command"`
}

// Expect is what an answer must look like; every given part must hold.
type Expect struct {
	// Status is codes and ranges, as "200-399" or "200,204". Default "200-399".
	Status string `json:"status,omitempty"`
	// Contains must stand in the body.
	Contains string `json:"contains,omitempty"`
	// Matches is a regular expression (RE2) that must match the body.
	Matches string `json:"matches,omitempty"`
	// JSON maps JSON paths to the values that must stand there.
	JSON map[string]string `json:"json,omitempty"`
}

// Warmup is a request that must be answered as expected before an instance gets traffic.
type Warmup struct {
	// Method. Default GET.
	Method  string            `json:"method,omitempty"`
	Path    string            `json:"path"`
	Port    PortRef           `json:"port,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
	// TimeoutSeconds. Default 10.
	TimeoutSeconds *int    `json:"timeoutSeconds,omitempty"`
	Expect         *Expect `json:"expect,omitempty"`
	// Repeat is how often the request is sent. Default 1.
	Repeat *int `json:"repeat,omitempty"`
}
