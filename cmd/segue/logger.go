package main

import (
	"log/slog"

	"github.com/go-logr/logr"
)

// logger writes to stderr. A daemon tells of its steps; a command that runs the controller inside tells only what went
// wrong, unless it is asked with -v.
func (c *cli) logger(daemon bool) logr.Logger {
	level := slog.LevelError
	switch {
	case daemon:
		level = slog.Level(-c.verbosity)
	case c.verbosity > 0:
		level = slog.Level(1 - c.verbosity)
	}
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: plainLevel}
	if c.logFormat == "json" {
		return logr.FromSlogHandler(slog.NewJSONHandler(c.err, options))
	}
	return logr.FromSlogHandler(slog.NewTextHandler(c.err, options))
}

// plainLevel calls logr's V(1) and V(2), which are slog's INFO-1 and INFO-2, by the word that people look for.
func plainLevel(groups []string, a slog.Attr) slog.Attr {
	if level, ok := a.Value.Any().(slog.Level); ok && len(groups) == 0 && a.Key == slog.LevelKey && level < slog.LevelInfo {
		a.Value = slog.StringValue("DEBUG")
	}
	return a
}
