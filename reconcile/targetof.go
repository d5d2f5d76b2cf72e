package reconcile

// TargetOf is the revision that the steps lead to: the wanted one, or, where that was rejected or aborted, the last
// accepted one. The loop observes the image and the routes of it.
func TargetOf(d Desired) Revision { return chooseTarget(d).revision }
