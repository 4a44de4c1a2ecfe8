// Package provider is the provider block and the resource `novita_gpu_instance`. The settings of the
// second vendor and the highest price are taken and checked, but nothing in this peer uses them.
package provider

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform-provider-novita/internal/api"
)

const (
	defaultBaseURL              = "https://api.novita.ai/gpu-instance/openapi/v1"
	defaultRequestTimeout       = 60 * time.Second
	defaultPollInterval         = 5 * time.Second
	defaultMaxRetries           = 5
	defaultMaxRequestsPerMinute = 100
)

type novitaProvider struct {
	version string
}

type providerModel struct {
	APIKey                   types.String  `tfsdk:"api_key"`
	BaseURL                  types.String  `tfsdk:"base_url"`
	NovacloudAPIKey          types.String  `tfsdk:"novacloud_api_key"`
	NovacloudBaseURL         types.String  `tfsdk:"novacloud_base_url"`
	RequestTimeout           types.String  `tfsdk:"request_timeout"`
	MaxRetries               types.Int64   `tfsdk:"max_retries"`
	MaxRequestsPerMinute     types.Int64   `tfsdk:"max_requests_per_minute"`
	PollInterval             types.String  `tfsdk:"poll_interval"`
	MaxHourlyPrice           types.Float64 `tfsdk:"max_hourly_price"`
	IgnoreDeletionProtection types.Bool    `tfsdk:"ignore_deletion_protection"`
}

// configured is what resources get of the provider block.
type configured struct {
	client            *api.Client
	ignoresProtection bool
}

// New returns what makes the provider for each server.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &novitaProvider{version: version} }
}

func (p *novitaProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "novita"
	resp.Version = p.version
}

func (p *novitaProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newInstanceResource}
}

func (p *novitaProvider) DataSources(context.Context) []func() datasource.DataSource {
	return nil
}

func (p *novitaProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if config.isUnknown() {
		// Calls are told that there is no client, if there are any.
		return
	}
	address := withFallback(config.BaseURL, "NOVITA_BASE_URL", defaultBaseURL)
	if err := checkBaseURL(address); err != nil {
		detail := fmt.Sprintf("`base_url` (or NOVITA_BASE_URL) cannot be used: %s.", err)
		resp.Diagnostics.AddAttributeError(path.Root("base_url"), "Invalid base URL", detail)
		return
	}
	client := api.NewClient(api.Settings{
		BaseURL:              address,
		APIKey:               withFallback(config.APIKey, "NOVITA_API_KEY", ""),
		UserAgent:            fmt.Sprintf("terraform-provider-novita-peer/%s Terraform/%s", p.version, req.TerraformVersion),
		RequestTimeout:       duration(config.RequestTimeout, defaultRequestTimeout),
		PollInterval:         duration(config.PollInterval, defaultPollInterval),
		MaxRetries:           number(config.MaxRetries, defaultMaxRetries),
		MaxRequestsPerMinute: number(config.MaxRequestsPerMinute, defaultMaxRequestsPerMinute),
	})
	ignores := config.IgnoreDeletionProtection.ValueBool()
	if config.IgnoreDeletionProtection.IsNull() {
		ignores = os.Getenv("NOVITA_IGNORE_DELETION_PROTECTION") == "1"
	}
	resp.ResourceData = configured{client: client, ignoresProtection: ignores}
}

func (m providerModel) isUnknown() bool {
	return m.APIKey.IsUnknown() || m.BaseURL.IsUnknown() || m.RequestTimeout.IsUnknown() ||
		m.MaxRetries.IsUnknown() || m.MaxRequestsPerMinute.IsUnknown() || m.PollInterval.IsUnknown() || m.IgnoreDeletionProtection.IsUnknown()
}

func withFallback(value types.String, variable, otherwise string) string {
	if !value.IsNull() {
		return value.ValueString()
	}
	if text := strings.TrimSpace(os.Getenv(variable)); text != "" {
		return text
	}
	return otherwise
}

// duration reads what a validator has checked before.
func duration(value types.String, otherwise time.Duration) time.Duration {
	parsed, err := time.ParseDuration(value.ValueString())
	if err != nil {
		return otherwise
	}
	return parsed
}

func number(value types.Int64, otherwise int64) int64 {
	if value.IsNull() {
		return otherwise
	}
	return value.ValueInt64()
}

func (p *novitaProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manage GPU and CPU instances and serverless endpoints of Novita AI, and GPU virtual machines of Nova Cloud.\n\nOnly the API key of the vendor whose resources are used is required. Arguments take precedence over environment variables.",
		Attributes: map[string]schema.Attribute{
			"api_key":            setting(true, "API key of Novita AI. If omitted, the environment variable `NOVITA_API_KEY` is used.", notBlank),
			"base_url":           setting(false, "Base URL of the Novita AI API. If omitted, the environment variable `NOVITA_BASE_URL` is used, then `https://api.novita.ai/gpu-instance/openapi/v1`. It must be an `https://` URL without credentials, query and fragment; `http://` is allowed for loopback hosts only.", baseURL),
			"novacloud_api_key":  setting(true, "API key of Nova Cloud. If omitted, the environment variable `NOVACLOUD_API_KEY` is used.", notBlank),
			"novacloud_base_url": setting(false, "Base URL of the Nova Cloud API. If omitted, the environment variable `NOVACLOUD_BASE_URL` is used, then `https://api.nova-cloud.ai`. It must be an `https://` URL without credentials, query and fragment; `http://` is allowed for loopback hosts only.", baseURL),
			"request_timeout":    setting(false, "Maximum duration of one HTTP request. Requests that create something are exempt: their response is awaited until the timeout of the operation. Default: `60s`. It must be a positive duration with a unit, such as `30s` or `1m30s`.", positiveDuration),
			"max_retries": schema.Int64Attribute{
				MarkdownDescription: "Maximum number of retries of a request that is safe to repeat. `0`: no retries. Responses with status 429 are not counted; they are retried for a minute and a half. Default: `5`. Range: 0 to 100.",
				Optional:            true,
				Validators:          between(0, 100),
			},
			"max_requests_per_minute": schema.Int64Attribute{
				MarkdownDescription: "Maximum number of requests per minute to each API. `0`: unlimited. Up to this number of requests, and at most 100, are sent at once after a pause. Default: `100`. Range: 0 to 100000.",
				Optional:            true,
				Validators:          between(0, 100000),
			},
			"poll_interval": setting(false, "Polling interval while waiting; it grows while the status stays the same. Default: `5s`. It must be a positive duration with a unit, such as `30s` or `1m30s`.", positiveDuration),
			"max_hourly_price": schema.Float64Attribute{
				MarkdownDescription: "Maximum price in USD per hour of any single machine, like `max_hourly_price` of the resources; the lower of the two applies. Range: at least 0.",
				Optional:            true,
				Validators:          []validator.Float64{float64validator.AtLeast(0)},
			},
			"ignore_deletion_protection": schema.BoolAttribute{
				MarkdownDescription: "Destroy and replace resources in spite of `deletion_protection`. Intended for a single run, for example to remove a resource that was tainted while protected. If omitted, the environment variable `NOVITA_IGNORE_DELETION_PROTECTION` is used (`1` or `0`). Default: `false`.",
				Optional:            true,
			},
		},
	}
}

func setting(sensitive bool, description string, check validator.String) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description,
		Optional:            true, Sensitive: sensitive, Validators: checks(check),
	}
}
