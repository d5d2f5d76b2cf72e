// Package docs holds the pages for users. There is nothing in it but tests, which keep the pages true.
package docs
