package spec

import "reflect"

// notBuilt is what is said of a field or value that has a place in the design and no code yet. It is never accepted
// and ignored.
const notBuilt = "not built yet in this version of segue; leave it out"

// unbuilt are the fields that a later version will have.
var unbuilt = map[reflect.Type][]string{
	reflect.TypeFor[DeploymentSpec]():    {"hooks", "hosts"},
	reflect.TypeFor[BlueGreenStrategy](): {"preview"},
	reflect.TypeFor[Template]():          {"docker"},
	reflect.TypeFor[Probe]():             {"grpc"},
}

// unbuiltValues are the values that a later version will have.
var unbuiltValues = map[string]bool{"grpc": true}
