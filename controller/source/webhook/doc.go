// Package webhook receives what forges send when somebody has pushed, and has the source read at once.
//
// A hook is POST /hooks/SOURCE with a proof that its sender knows the source's secret: GitHub's, Gitea's and Gogs'
// signature (HMAC-SHA256 of the body), GitLab's token, or, for anything else, X-Segue-Signature-256 (as GitHub's) or
// Authorization: Bearer TOKEN. What the body says is not read: a hook says "look", the repository says what is true.
package webhook
