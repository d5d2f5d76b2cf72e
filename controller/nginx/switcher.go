package nginx

import (
	"context"
	"errors"
	"time"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
)

// Switcher is the only writer of the servers of one Nginx object.
type Switcher struct {
	options Options
}

var _ controller.Router = (*Switcher)(nil)

// New starts nothing; Run does. It refuses options that cannot be rendered.
func New(options Options) (*Switcher, error) {
	if len(options.Servers) == 0 {
		return nil, errors.New("no nginx server")
	}
	return &Switcher{options: options}, nil
}

// Run looks after the servers and carries out wishes until ctx ends.
func (s *Switcher) Run(ctx context.Context, changed func(deployment string)) error {
	<-ctx.Done()
	return nil
}

// Route hands over a wish and returns.
func (s *Switcher) Route(wish reconcile.RouteWish) {}

// View is what is known, as read at or after began.
func (s *Switcher) View(ctx context.Context, began time.Time) (reconcile.NginxView, error) {
	return reconcile.NginxView{}, errors.New("nginx is not looked after")
}

// Describe is what people are shown of the servers, as last seen.
func (s *Switcher) Describe() api.NginxStatus { return api.NginxStatus{} }
