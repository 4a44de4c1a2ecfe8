// Validators for forms that the framework's own do not know: ports, logins, versions, durations, URLs.

package provider

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"terraform-provider-novita/internal/api"
)

var (
	registryLogin = stringvalidator.RegexMatches(regexp.MustCompile(`(?s)^[^:]+:.+$`), "must be `username:password`")
	cudaVersion   = stringvalidator.RegexMatches(regexp.MustCompile(`^[0-9]+\.[0-9]+$`), "must be `MAJOR.MINOR`, such as `12.4`")
	notBlank      = stringvalidator.RegexMatches(regexp.MustCompile(`\S`),
		"is empty: give a key, or leave the attribute out to use the environment variable")

	positiveDuration = stringForm{"a positive duration with a unit, such as `30s` or `1m30s`", checkDuration}
	baseURL          = stringForm{"an `https://` URL without credentials, query and fragment; `http://` is allowed for loopback hosts only", checkBaseURL}
)

// stringForm is a validator made of a description and a function that finds fault.
type stringForm struct {
	description string
	check       func(string) error
}

func (f stringForm) Description(context.Context) string         { return "must be " + f.description }
func (f stringForm) MarkdownDescription(context.Context) string { return "must be " + f.description }

func (f stringForm) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := f.check(req.ConfigValue.ValueString()); err != nil {
		detail := fmt.Sprintf("It must be %s: %s.", f.description, err)
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Attribute Value", detail)
	}
}

func checkDuration(text string) error {
	duration, err := time.ParseDuration(text)
	if err == nil && duration <= 0 {
		return errors.New("it is not positive")
	}
	return err
}

func checkBaseURL(text string) error {
	address, err := url.Parse(text)
	switch {
	case err != nil:
		return err
	case address.User != nil || address.RawQuery != "" || address.Fragment != "":
		return errors.New("it has more than a scheme, a host and a path")
	case address.Host == "":
		return errors.New("it has no host")
	case address.Scheme == "https", address.Scheme == "http" && isLoopback(address.Hostname()):
		return nil
	}
	return fmt.Errorf("the scheme %q is not allowed for this host", address.Scheme)
}

func isLoopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}

var portForm = stringForm{"`PORT/tcp` or `PORT/http`, PORT being 1 to 65535 but not 2222, 2223 or 2224", func(text string) error {
	_, err := parsePort(text)
	return err
}}

// parsePort reads a port such as `8080/http`.
func parsePort(text string) (api.Port, error) {
	number, protocol, _ := strings.Cut(text, "/")
	port, err := strconv.ParseInt(number, 10, 64)
	switch {
	case err != nil || strconv.FormatInt(port, 10) != number || protocol != "tcp" && protocol != "http":
		return api.Port{}, fmt.Errorf("%q does not have this form", text)
	case port < 1 || port > 65535:
		return api.Port{}, fmt.Errorf("port %d is outside of 1 to 65535", port)
	case isReserved(port):
		return api.Port{}, fmt.Errorf("port %d belongs to the platform", port)
	}
	return api.Port{Port: port, Type: protocol}, nil
}

// isReserved says whether the platform keeps a port for itself.
func isReserved(port int64) bool {
	return port >= 2222 && port <= 2224
}
