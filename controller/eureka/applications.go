package eureka

// Applications is a whole registry, or its delta.
type Applications struct {
	// Version is 1 for a whole registry and a counter for a delta.
	Version string `json:"versions__delta"`
	// Hash counts the instances by status, as UP_2_.
	Hash string        `json:"apps__hashcode"`
	Apps []Application `json:"application"`
}

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
