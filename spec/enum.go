package spec

import "reflect"

// enums are the types that have a few values only, for the checks and the schema alike.
var enums = map[reflect.Type][]string{
	reflect.TypeFor[StrategyType]():     {string(RollingUpdate), string(BlueGreen), string(Recreate)},
	reflect.TypeFor[RegistrationMode](): {string(SelfRegistered), string(ManagedRegistration), string(ProxiedRegistration)},
	reflect.TypeFor[SwitchMode]():       {string(SwitchAuto), string(SwitchReload), string(SwitchFlag)},
	reflect.TypeFor[Reach]():            {string(ReachContainer), string(ReachHost)},
	reflect.TypeFor[Balance]():          {string(RoundRobin), string(LeastConn), string(IPHash)},
	reflect.TypeFor[PullPolicy]():       {string(PullAlways), string(PullIfNotPresent), string(PullNever)},
	reflect.TypeFor[AppProtocol]():      {string(ProtocolHTTP), string(ProtocolHTTPS)},
}

// enum reports a value that its type does not have; the empty one passes.
func enum[T ~string](c checker, path string, value T) {
	c.oneOf(path, string(value), enums[reflect.TypeFor[T]()]...)
}
