package controller

import "github.com/segue-dev/segue/controller/api"

// nginxDescriber is a Router that can say more of its servers than what is decided upon.
type nginxDescriber interface{ Describe() api.NginxStatus }

// eurekaDescriber is a Registry that can do so.
type eurekaDescriber interface{ Describe() api.EurekaStatus }
