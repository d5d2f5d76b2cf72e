package docker

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/distribution/reference"
	"github.com/docker/cli/cli/config"
	"github.com/docker/docker-credential-helpers/client"
	"github.com/docker/docker-credential-helpers/credentials"
	"github.com/docker/docker/api/types/registry"
)

// helperTimeout bounds one run of a credential helper.
const helperTimeout = 20 * time.Second

// dockerHub is the key of Docker Hub's credentials in the Docker config.
const dockerHub = "https://index.docker.io/v1/"

// registryAuth is what the Docker config ($DOCKER_CONFIG, else ~/.docker) and its credential helpers have for the
// image's registry, encoded for the engine; "" when they have nothing.
func registryAuth(ctx context.Context, image string) (string, error) {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return "", fmt.Errorf("image reference: %w", err)
	}
	server := reference.Domain(named)
	if server == "docker.io" {
		server = dockerHub
	}
	found, err := credentialsFor(ctx, server)
	if err != nil || (found.Username == "" && found.IdentityToken == "" && found.RegistryToken == "") {
		return "", err
	}
	return registry.EncodeAuthConfig(found)
}

func credentialsFor(ctx context.Context, server string) (registry.AuthConfig, error) {
	file, err := config.Load(config.Dir())
	if err != nil {
		return registry.AuthConfig{}, fmt.Errorf("docker config: %w", err)
	}
	helper := file.CredentialsStore
	if own := file.CredentialHelpers[server]; own != "" {
		helper = own
	}
	if helper != "" {
		return askHelper(ctx, helper, server)
	}
	stored, err := file.GetAuthConfig(server)
	if err != nil {
		return registry.AuthConfig{}, fmt.Errorf("docker config: %w", err)
	}
	return registry.AuthConfig{
		Username: stored.Username, Password: stored.Password, ServerAddress: server,
		IdentityToken: stored.IdentityToken, RegistryToken: stored.RegistryToken,
	}, nil
}

// askHelper runs docker-credential-HELPER get.
func askHelper(ctx context.Context, helper, server string) (registry.AuthConfig, error) {
	ctx, cancel := context.WithTimeout(ctx, helperTimeout)
	defer cancel()
	run := func(args ...string) client.Program {
		return helperProgram{exec.CommandContext(ctx, "docker-credential-"+helper, args...)}
	}
	found, err := client.Get(run, server)
	if credentials.IsErrCredentialsNotFound(err) {
		return registry.AuthConfig{}, nil
	}
	if err != nil {
		return registry.AuthConfig{}, fmt.Errorf("credential helper %s: %w", helper, err)
	}
	auth := registry.AuthConfig{Username: found.Username, Password: found.Secret, ServerAddress: server}
	if found.Username == "<token>" {
		auth.Username, auth.Password, auth.IdentityToken = "", "", found.Secret
	}
	return auth, nil
}

// helperProgram is a credential helper with a deadline.
type helperProgram struct{ *exec.Cmd }

// Input gives the helper its standard input.
func (p helperProgram) Input(in io.Reader) { p.Stdin = in }
