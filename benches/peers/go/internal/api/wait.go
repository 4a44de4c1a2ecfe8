// Waiting for an instance: look at once and then at growing intervals. Each wait asks about its own
// instance; looking at many of them through one call of the list is left out.

package api

import (
	"context"
	"fmt"
	"time"
)

// The statuses that a wait ends at.
const (
	Running = "running"
	Exited  = "exited"
	Removed = "removed"
)

// While nothing changes, the interval grows up to this many times the first one.
const longestInterval = 6

// WaitUntilRunning waits until an instance runs. Directly after a reset it may still seem to run as
// before, so `shows` has the last word.
func (c *Client) WaitUntilRunning(ctx context.Context, id string, shows func(*Instance) bool) (*Instance, error) {
	return c.wait(ctx, id, func(instance *Instance) (bool, error) {
		switch {
		case isLeaving(instance.Status):
			return false, fmt.Errorf("instance %s is being removed", id)
		case instance.StatusError.Message != "" && !isMoving(instance.Status):
			return false, fmt.Errorf("instance %s is in the status %q: %s", id, instance.Status, instance.StatusError.Message)
		}
		return instance.Status == Running && shows(instance), nil
	})
}

// WaitUntilExited waits until an instance is stopped.
func (c *Client) WaitUntilExited(ctx context.Context, id string) (*Instance, error) {
	return c.wait(ctx, id, func(instance *Instance) (bool, error) {
		if isLeaving(instance.Status) {
			return false, fmt.Errorf("instance %s is being removed", id)
		}
		return instance.Status == Exited, nil
	})
}

// WaitUntilShown waits until an instance shows what a call has changed.
func (c *Client) WaitUntilShown(ctx context.Context, id string, shows func(*Instance) bool) (*Instance, error) {
	return c.wait(ctx, id, func(instance *Instance) (bool, error) { return shows(instance), nil })
}

// WaitUntilGone waits until an instance does not exist any more.
func (c *Client) WaitUntilGone(ctx context.Context, id string) error {
	_, err := c.wait(ctx, id, func(*Instance) (bool, error) { return false, nil })
	if IsNotFound(err) {
		return nil
	}
	return err
}

func (c *Client) wait(ctx context.Context, id string, done func(*Instance) (bool, error)) (*Instance, error) {
	first := c.settings.PollInterval
	interval, seen := first, ""
	for {
		instance, err := c.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		if over, err := done(instance); over || err != nil {
			return instance, err
		}
		interval = nextInterval(interval, first, instance.Status == seen)
		seen = instance.Status
		if err := Sleep(ctx, interval); err != nil {
			return nil, fmt.Errorf("waiting for instance %s, last seen in the status %q: %w", id, seen, err)
		}
	}
}

func nextInterval(interval, first time.Duration, unchanged bool) time.Duration {
	if !unchanged {
		return first
	}
	return min(interval*3/2, first*longestInterval)
}

func isMoving(status string) bool {
	return status != Running && status != Exited
}

func isLeaving(status string) bool {
	return status == "toRemove" || status == "removing"
}

// IsLeaving says whether an instance is being removed, which no call stops.
func (i *Instance) IsLeaving() bool {
	return isLeaving(i.Status)
}
