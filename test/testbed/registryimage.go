package testbed

import "context"

// HostAddress is this machine's on the bed's network: where ports are published for those who come from outside.
const HostAddress = gateway

// RegistryImage makes an image of the binary as a Eureka server whose response cache turns every second, and names it.
func (b *Bed) RegistryImage(ctx context.Context) (string, error) {
	const image, container = "segue-testbed/registry:e2e", "segue-testbed-registry"
	for _, args := range [][]string{
		{"create", "--name", container, "--label", label + "=" + b.Name, "--entrypoint", "/segue", Sample(1), "version"},
		{"cp", b.Binary, container + ":/segue"},
		{"commit", "--change", `ENTRYPOINT ["/segue", "eureka", "--response-cache", "1s"]`, "--change", "CMD []", container, image},
		{"rm", container},
	} {
		if _, err := Docker(ctx, args...); err != nil {
			return "", err
		}
	}
	return image, nil
}
