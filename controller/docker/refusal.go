package docker

// Refusal is an answer of no that says what a person can do.
type Refusal struct {
	// Owner is the other owner; "" when the thing is nobody's or ours.
	Owner   string
	Message string
}

func (r *Refusal) Error() string { return r.Message }
