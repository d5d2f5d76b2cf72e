package eureka

// Applications is a whole registry, or its delta.
type Applications struct {
	// Version is 1 for a whole registry and a counter for a delta.
	Version string `json:"versions__delta"`
	// Hash counts the instances by status, as UP_2_.
	Hash string        `json:"apps__hashcode"`
	Apps []Application `json:"application"`
	// Started is when the process that answered began; "" where it does not say.
	Started string `json:"-"`
}

// StartedHeader is the header in which segue's registry says when its process began. It keeps its leases over a restart,
// so that nothing else tells that consumers could not read it for a moment. Netflix's server has no such header.
const StartedHeader = "Segue-Registry-Started"

// Application is the instances of one name.
type Application struct {
	Name      string     `json:"name"`
	Instances []Instance `json:"instance"`
}

// The answers of a server, with what they are wrapped in.
type (
	applicationsAnswer struct {
		Applications *struct {
			Version text                      `json:"versions__delta"`
			Hash    text                      `json:"apps__hashcode"`
			Apps    list[applicationAnswered] `json:"application"`
		} `json:"applications"`
	}
	applicationAnswered struct {
		Name      text           `json:"name"`
		Instances list[Instance] `json:"instance"`
	}
	instanceAnswer struct {
		Instance *Instance `json:"instance"`
	}
)
