package socketio

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
)

// ConfigError says which field of a [Config] is wrong, and why.
type ConfigError struct {
	// Field is the field's name, "V1.PingTimeout" for one of a sub-struct.
	Field string
	// Problem says what is wrong with it.
	Problem string
}

// Error returns the field and the problem.
func (e *ConfigError) Error() string {
	return "socketio: config: " + e.Field + ": " + e.Problem
}

const (
	defaultPath = "/socket.io"
	mebibyte    = 1 << 20
)

// settled returns a checked copy of the configuration in which every field has
// its effective value, so that later code reads plain values.
func (c Config) settled() (Config, error) {
	c.Transports = slices.Clone(c.Transports)
	c.Carriers = slices.Clone(c.Carriers)
	c.Origins = slices.Clone(c.Origins)
	c.Messages.Transports = slices.Clone(c.Messages.Transports)
	c.V0.Transports = slices.Clone(c.V0.Transports)
	c.V0.Blacklist = slices.Clone(c.V0.Blacklist)
	if c.V0.Blacklist == nil {
		c.V0.Blacklist = []string{"disconnect"}
	}
	c.V1.Transports = slices.Clone(c.V1.Transports)
	c.V2.Transports = slices.Clone(c.V2.Transports)
	c.V4.Transports = slices.Clone(c.V4.Transports)
	if err := c.settlePath(); err != nil {
		return c, err
	}
	if err := c.settleTimes(); err != nil {
		return c, err
	}
	if err := c.settleSizes(); err != nil {
		return c, err
	}
	if err := c.settleNames(); err != nil {
		return c, err
	}
	if c.Cookie.Name == "" {
		c.Cookie.Name = "io"
	}
	if c.Cookie.Path == "" {
		c.Cookie.Path = "/"
	}
	if c.Cookie.SameSite == 0 {
		c.Cookie.SameSite = http.SameSiteStrictMode
	}
	probe := http.Cookie{Name: c.Cookie.Name, Value: "x", Path: c.Cookie.Path, Domain: c.Cookie.Domain}
	if err := probe.Valid(); err != nil {
		return c, &ConfigError{"Cookie", "not a valid cookie"}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

func (c *Config) settlePath() error {
	if c.Path == "" {
		c.Path = defaultPath
	}
	c.Path = strings.TrimSuffix(c.Path, "/")
	if !strings.HasPrefix(c.Path, "/") {
		return &ConfigError{"Path", "must start with a slash and name a segment"}
	}
	if strings.ContainsAny(c.Path, "?#") {
		return &ConfigError{"Path", "must hold neither a query nor a fragment"}
	}
	return nil
}

func (c *Config) settleTimes() error {
	fields := []struct {
		name  string
		value *time.Duration
		other time.Duration
	}{
		{"PingInterval", &c.PingInterval, 25 * time.Second},
		{"PingTimeout", &c.PingTimeout, 5 * time.Second},
		{"UpgradeTimeout", &c.UpgradeTimeout, 10 * time.Second},
		{"WriteTimeout", &c.WriteTimeout, 20 * time.Second},
		{"Recovery.Window", &c.Recovery.Window, 2 * time.Minute},
		{"V4.PingTimeout", &c.V4.PingTimeout, 20 * time.Second},
		{"V4.ConnectTimeout", &c.V4.ConnectTimeout, 45 * time.Second},
		{"V0.HeartbeatInterval", &c.V0.HeartbeatInterval, 25 * time.Second},
		{"V0.HeartbeatTimeout", &c.V0.HeartbeatTimeout, time.Minute},
		{"V0.CloseTimeout", &c.V0.CloseTimeout, time.Minute},
		{"V0.PollingDuration", &c.V0.PollingDuration, 20 * time.Second},
		{"Messages.HeartbeatInterval", &c.Messages.HeartbeatInterval, 10 * time.Second},
		{"Messages.HeartbeatTimeout", &c.Messages.HeartbeatTimeout, 8 * time.Second},
		{"Messages.CloseTimeout", &c.Messages.CloseTimeout, 8 * time.Second},
		{"Messages.StreamCloseTimeout", &c.Messages.StreamCloseTimeout, 0},
		{"Messages.PollingDuration", &c.Messages.PollingDuration, 20 * time.Second},
		{"Messages.StreamMaxAge", &c.Messages.StreamMaxAge, time.Hour},
		{"V0.StreamMaxAge", &c.V0.StreamMaxAge, time.Hour},
	}
	for _, f := range fields {
		if err := settleTime(f.name, f.value, f.other); err != nil {
			return err
		}
	}
	return settleTime("V1.PingTimeout", &c.V1.PingTimeout, c.PingTimeout)
}

// settleTime refuses what the handshake cannot say: it counts milliseconds.
func settleTime(field string, value *time.Duration, other time.Duration) error {
	switch {
	case *value == 0:
		*value = other
	case *value < 0:
		return &ConfigError{field, "must not be negative"}
	case *value < time.Millisecond:
		return &ConfigError{field, "must be at least a millisecond"}
	}
	return nil
}

func (c *Config) settleSizes() error {
	if c.PerMessageDeflate != nil {
		deflate := *c.PerMessageDeflate
		c.PerMessageDeflate = &deflate
		if err := settleSize("PerMessageDeflate.Threshold", &deflate.Threshold, 1024); err != nil {
			return err
		}
	}
	fields := []struct {
		name  string
		value *int
		other int
	}{
		{"MaxPayload", &c.MaxPayload, 100_000_000},
		{"MaxUplinkBytes", &c.MaxUplinkBytes, 1024 * mebibyte},
		{"MaxOutboxBytes", &c.MaxOutboxBytes, 16 * mebibyte},
		{"MaxOutboxPackets", &c.MaxOutboxPackets, 16_384},
		{"MaxInboxBytes", &c.MaxInboxBytes, 16 * mebibyte},
		{"MaxInboxPackets", &c.MaxInboxPackets, 1024},
		{"MaxAttachments", &c.MaxAttachments, 10},
		{"MaxNamespacesPerClient", &c.MaxNamespacesPerClient, 100},
		{"MaxDynamicNamespaces", &c.MaxDynamicNamespaces, 10_000},
		{"MaxUnclaimedSessions", &c.MaxUnclaimedSessions, 16_384},
		{"HTTPCompressionThreshold", &c.HTTPCompressionThreshold, 1024},
		{"V0.MaxUnclaimedPerPeer", &c.V0.MaxUnclaimedPerPeer, 4_096},
		{"Recovery.MaxBytes", &c.Recovery.MaxBytes, 8 * mebibyte},
		{"Recovery.MaxPackets", &c.Recovery.MaxPackets, 10_000},
		{"Recovery.MaxSessions", &c.Recovery.MaxSessions, 10_000},
		{"Recovery.MaxTotalBytes", &c.Recovery.MaxTotalBytes, max(64*mebibyte, c.Recovery.MaxBytes)},
		{"Recovery.MaxTotalSessions", &c.Recovery.MaxTotalSessions, max(100_000, c.Recovery.MaxSessions)},
		{"V0.DestroyBufferSize", &c.V0.DestroyBufferSize, 100_000_000},
		{"Messages.StreamMaxBytes", &c.Messages.StreamMaxBytes, 16 * mebibyte},
		{"Messages.MaxUnclaimedPerPeer", &c.Messages.MaxUnclaimedPerPeer, 128},
		{"V0.StreamMaxBytes", &c.V0.StreamMaxBytes, 16 * mebibyte},
		{"Cookie.MaxAge", &c.Cookie.MaxAge, 0},
	}
	for _, f := range fields {
		if err := settleSize(f.name, f.value, f.other); err != nil {
			return err
		}
	}
	return settleSize("V4.MaxPayload", &c.V4.MaxPayload, min(c.MaxPayload, 1_000_000))
}

func settleSize(field string, value *int, other int) error {
	if *value == 0 {
		*value = other
	}
	if *value < 0 {
		return &ConfigError{field, "must not be negative"}
	}
	return nil
}

func (c *Config) settleNames() error {
	lists := []struct {
		field string
		names []string
	}{
		{"Transports", c.Transports},
		{"V1.Transports", c.V1.Transports},
		{"V2.Transports", c.V2.Transports},
		{"V4.Transports", c.V4.Transports},
		{"Origins", c.Origins},
	}
	for _, l := range lists {
		for i, name := range l.names {
			if strings.TrimSpace(name) == "" {
				return &ConfigError{l.field, fmt.Sprintf("entry %d is empty", i)}
			}
		}
	}
	return nil
}
