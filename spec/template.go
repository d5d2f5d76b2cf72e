package spec

// PullPolicy says when an image is pulled, with Kubernetes' meaning.
type PullPolicy string

// The pull policies.
const (
	PullAlways       PullPolicy = "Always"
	PullIfNotPresent PullPolicy = "IfNotPresent"
	PullNever        PullPolicy = "Never"
)

// Template is what an instance is: one container.
type Template struct {
	Image           string     `json:"image"`
	ImagePullPolicy PullPolicy `json:"imagePullPolicy,omitempty"`
	// Command replaces the image's ENTRYPOINT, Args its CMD, as in Kubernetes.
	Command    []string          `json:"command,omitempty"`
	Args       []string          `json:"args,omitempty"`
	WorkingDir string            `json:"workingDir,omitempty"`
	User       string            `json:"user,omitempty"`
	Labels     map[string]string `json:"labels,omitempty"`
	Env        map[string]string `json:"env,omitempty"`
	EnvFrom    []EnvFrom         `json:"envFrom,omitempty"`
	// Files are put into the container, read-only, by absolute target path.
	Files map[string]File `json:"files,omitempty"`
	// Volumes are SOURCE:TARGET[:ro]; a SOURCE that begins with / is a path of the host, else a volume's name.
	Volumes  []string `json:"volumes,omitempty"`
	Networks []string `json:"networks,omitempty"`
	// Aliases are DNS names on the networks; Recreate only. Default: the Deployment's name, as NAMESPACE.NAME
	// outside of the namespace default.
	Aliases   []string  `json:"aliases,omitempty"`
	Ports     []Port    `json:"ports,omitempty"`
	Resources Resources `json:"resources,omitzero"`

	StartupProbe   *Probe     `json:"startupProbe,omitempty"`
	ReadinessProbe *Probe     `json:"readinessProbe,omitempty"`
	LivenessProbe  *Probe     `json:"livenessProbe,omitempty"`
	Warmup         []Warmup   `json:"warmup,omitempty"`
	Lifecycle      *Lifecycle `json:"lifecycle,omitempty"`
	// TerminationGracePeriodSeconds is the time between SIGTERM and SIGKILL. Default 45 with eureka, else 30.
	TerminationGracePeriodSeconds *int `json:"terminationGracePeriodSeconds,omitempty"`
}

// EnvFrom reads NAME=VALUE lines from a file beside the manifest.
type EnvFrom struct {
	File string `json:"file"`
	// Secret keeps the values out of diffs and output.
	Secret bool `json:"secret,omitempty"`
}

// File is put into a container: exactly one of Source and Content.
type File struct {
	// Source is a path relative to the manifest.
	Source  string  `json:"source,omitempty"`
	Content *string `json:"content,omitempty"`
	// Mode is an octal string. Default "0444".
	Mode   string `json:"mode,omitempty"`
	Secret bool   `json:"secret,omitempty"`
}

// AppProtocol is what is spoken on a port.
type AppProtocol string

// The protocols.
const (
	ProtocolHTTP  AppProtocol = "http"
	ProtocolHTTPS AppProtocol = "https"
)

// Port is a port of the container.
type Port struct {
	Name          string `json:"name,omitempty"`
	ContainerPort int    `json:"containerPort"`
	// HostPort publishes the port on HostIP (default 127.0.0.1).
	HostPort    int         `json:"hostPort,omitempty"`
	HostIP      string      `json:"hostIP,omitempty"`
	AppProtocol AppProtocol `json:"appProtocol,omitempty"`
}

// Resources are limits and requests, in Kubernetes' quantities.
type Resources struct {
	Limits   ResourceList `json:"limits,omitzero"`
	Requests ResourceList `json:"requests,omitzero"`
}

// ResourceList holds quantities such as "500m" and "512Mi".
type ResourceList struct {
	CPU    string `json:"cpu,omitempty"`
	Memory string `json:"memory,omitempty"`
}

// Lifecycle is what happens around an instance's end.
type Lifecycle struct {
	PreStop *PreStop `json:"preStop,omitempty"`
	// StopSignal is sent to end the container; the image's, else SIGTERM, when empty.
	StopSignal string `json:"stopSignal,omitempty"`
}

// PreStop runs before SIGTERM, inside the grace: exactly one of its fields.
type PreStop struct {
	Exec    *ExecAction    `json:"exec,omitempty"`
	HTTPGet *HTTPGetAction `json:"httpGet,omitempty"`
	Sleep   *SleepAction   `json:"sleep,omitempty"`
}

// SleepAction waits.
type SleepAction struct {
	Seconds int `json:"seconds"`
}
