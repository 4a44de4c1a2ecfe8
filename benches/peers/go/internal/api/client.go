// Package api is a client of Novita AI's GPU cloud: transport, retries, rate limit, and the calls about
// instances. It knows nothing of Terraform, and leaves out everything that the one resource of this
// peer does not call.
package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
	"golang.org/x/time/rate"
)

const (
	firstRetryWait    = time.Second
	longestRetryWait  = 30 * time.Second
	longestRetryAfter = 5 * time.Minute
	longestAnswer     = 16 << 20
)

// Settings say how a client calls the API.
type Settings struct {
	BaseURL              string
	APIKey               string
	UserAgent            string
	RequestTimeout       time.Duration
	PollInterval         time.Duration
	MaxRetries           int64
	MaxRequestsPerMinute int64
}

// Client calls the API. All resources of a provider share one.
type Client struct {
	settings Settings
	http     *http.Client
	limiter  *rate.Limiter
}

// NewClient makes a client. It makes no call.
func NewClient(settings Settings) *Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 16
	return &Client{
		settings: settings,
		http:     &http.Client{Transport: transport, Timeout: settings.RequestTimeout},
		limiter:  newLimiter(settings.MaxRequestsPerMinute),
	}
}

// HasKey says whether the client has a key, without which every call is refused.
func (c *Client) HasKey() bool {
	return c.settings.APIKey != ""
}

func newLimiter(perMinute int64) *rate.Limiter {
	if perMinute == 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	burst := 1 + int(perMinute-1)/20
	return rate.NewLimiter(rate.Limit(float64(perMinute)/60), burst)
}

// Error is a refusal of the API.
type Error struct {
	Request string
	Status  int
	Reason  string
	Message string
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s answered %d", e.Request, e.Status)
	if e.Reason != "" {
		text += " " + e.Reason
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// IsNotFound says whether the error means that the thing asked for does not exist.
func IsNotFound(err error) bool {
	var refusal *Error
	if !errors.As(err, &refusal) {
		return false
	}
	switch {
	case refusal.Status == http.StatusNotFound:
		return refusal.Reason != "API_NOT_FOUND"
	case refusal.Status != http.StatusBadRequest:
		return false
	case refusal.Reason == "RESOURCE_NOT_FOUND" || refusal.Reason == "NOT_FOUNT":
		return true
	}
	message := strings.ToLower(refusal.Message)
	return strings.Contains(message, "not found") || strings.Contains(message, "not fount")
}

func (c *Client) get(ctx context.Context, path string, query url.Values, answer any) error {
	return c.call(ctx, http.MethodGet, path, query, nil, answer)
}

func (c *Client) post(ctx context.Context, path string, body, answer any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.call(ctx, http.MethodPost, path, nil, encoded, answer)
}

// call sends a request, again where that can do no harm, and decodes the answer.
func (c *Client) call(ctx context.Context, method, path string, query url.Values, body []byte, answer any) error {
	for attempt := int64(0); ; attempt++ {
		wait, err := c.try(ctx, method, path, query, body, answer, attempt)
		if err == nil || wait < 0 || attempt >= c.settings.MaxRetries || ctx.Err() != nil {
			return err
		}
		if wait == 0 {
			wait = c.backoff(attempt)
		}
		if Sleep(ctx, wait) != nil {
			return err
		}
	}
}

// try sends a request once. After a failure it says how long to wait before the next attempt: 0 leaves
// it to the caller, and a negative wait means that there must be none.
func (c *Client) try(ctx context.Context, method, path string, query url.Values, body []byte, answer any, attempt int64) (time.Duration, error) {
	if err := c.limiter.Wait(ctx); err != nil {
		return -1, err
	}
	request, err := c.request(ctx, method, path, query, body)
	if err != nil {
		return -1, err
	}
	start := time.Now()
	response, err := c.http.Do(request)
	if err != nil {
		return retryLost(method), err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, longestAnswer))
	if err != nil {
		return retryLost(method), err
	}
	tflog.Debug(ctx, "request", map[string]any{
		"method": method, "path": path, "status": response.StatusCode,
		"duration_ms": time.Since(start).Milliseconds(), "attempt": attempt + 1,
	})
	name := method + " " + path
	if response.StatusCode >= 300 {
		return retryRefused(method, response), newError(name, response.StatusCode, content)
	}
	if answer == nil || len(bytes.TrimSpace(content)) == 0 {
		return 0, nil
	}
	if err := json.Unmarshal(content, answer); err != nil {
		return -1, fmt.Errorf("%s: the answer cannot be read: %w", name, err)
	}
	return 0, nil
}

func (c *Client) request(ctx context.Context, method, path string, query url.Values, body []byte) (*http.Request, error) {
	address := strings.TrimSuffix(c.settings.BaseURL, "/") + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.settings.APIKey)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", c.settings.UserAgent)
	return request, nil
}

// retryLost tells whether a request without an answer may be repeated: one that changes something may
// have worked.
func retryLost(method string) time.Duration {
	if method == http.MethodGet {
		return 0
	}
	return -1
}

func retryRefused(method string, response *http.Response) time.Duration {
	switch {
	case response.StatusCode == http.StatusTooManyRequests:
	case response.StatusCode >= 500 && method == http.MethodGet:
	default:
		return -1
	}
	wait := retryAfter(response.Header.Get("Retry-After"), time.Now())
	if wait > longestRetryAfter {
		return -1
	}
	return wait
}

// retryAfter reads the header, which holds seconds or a date; 0 is "not said".
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseInt(header, 10, 32); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(date.Sub(now), 0)
	}
	return 0
}

func (c *Client) backoff(attempt int64) time.Duration {
	wait := min(c.settings.PollInterval, firstRetryWait) << min(attempt, 16)
	wait = min(wait, longestRetryWait)
	return wait/2 + rand.N(wait/2+1)
}

func newError(request string, status int, content []byte) *Error {
	refusal := &Error{Request: request, Status: status}
	var body struct {
		Reason  string `json:"reason"`
		Message string `json:"message"`
	}
	if json.Unmarshal(content, &body) == nil {
		refusal.Reason, refusal.Message = body.Reason, body.Message
	}
	if refusal.Message == "" && refusal.Reason == "" {
		refusal.Message = strings.ToValidUTF8(string(content[:min(len(content), 500)]), "")
	}
	return refusal
}

// Sleep waits, or returns the context's error when that ends first.
func Sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
