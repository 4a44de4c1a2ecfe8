// Package provider is the provider block and the resource `novita_gpu_instance`. The settings of the
// second vendor are taken and checked, but this peer has no resource that uses them.
package provider

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
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
	APIKey               types.String `tfsdk:"api_key"`
	BaseURL              types.String `tfsdk:"base_url"`
	NovacloudAPIKey      types.String `tfsdk:"novacloud_api_key"`
	NovacloudBaseURL     types.String `tfsdk:"novacloud_base_url"`
	RequestTimeout       types.String `tfsdk:"request_timeout"`
	MaxRetries           types.Int64  `tfsdk:"max_retries"`
	MaxRequestsPerMinute types.Int64  `tfsdk:"max_requests_per_minute"`
	PollInterval         types.String `tfsdk:"poll_interval"`
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
	resp.ResourceData = api.NewClient(api.Settings{
		BaseURL:              address,
		APIKey:               withFallback(config.APIKey, "NOVITA_API_KEY", ""),
		UserAgent:            fmt.Sprintf("terraform-provider-novita-peer/%s Terraform/%s", p.version, req.TerraformVersion),
		RequestTimeout:       duration(config.RequestTimeout, defaultRequestTimeout),
		PollInterval:         duration(config.PollInterval, defaultPollInterval),
		MaxRetries:           number(config.MaxRetries, defaultMaxRetries),
		MaxRequestsPerMinute: number(config.MaxRequestsPerMinute, defaultMaxRequestsPerMinute),
	})
}

func (m providerModel) isUnknown() bool {
	return m.APIKey.IsUnknown() || m.BaseURL.IsUnknown() || m.RequestTimeout.IsUnknown() ||
		m.MaxRetries.IsUnknown() || m.MaxRequestsPerMinute.IsUnknown() || m.PollInterval.IsUnknown()
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
		MarkdownDescription: "GPU and CPU machines of Novita AI, and GPU machines of Nova Cloud.\n\nCredentials are needed only " +
			"for the vendor whose resources a configuration uses. A value in the configuration wins over its " +
			"environment variable.",
		Attributes: map[string]schema.Attribute{
			"api_key": schema.StringAttribute{
				MarkdownDescription: "API key of Novita AI. Without it the environment variable `NOVITA_API_KEY` is used.",
				Optional:            true,
				Sensitive:           true,
				Validators:          []validator.String{notBlank},
			},
			"base_url": schema.StringAttribute{
				MarkdownDescription: "Base URL of Novita AI's API. Without it the environment variable `NOVITA_BASE_URL` is used, " +
					"else `https://api.novita.ai/gpu-instance/openapi/v1`. It must be an `https://` URL without " +
					"credentials, query and fragment; `http://` is allowed for loopback hosts only.",
				Optional:   true,
				Validators: []validator.String{baseURL},
			},
			"novacloud_api_key": schema.StringAttribute{
				MarkdownDescription: "API key of Nova Cloud. Without it the environment variable `NOVACLOUD_API_KEY` is used.",
				Optional:            true,
				Sensitive:           true,
				Validators:          []validator.String{notBlank},
			},
			"novacloud_base_url": schema.StringAttribute{
				MarkdownDescription: "Base URL of Nova Cloud's API. Without it the environment variable `NOVACLOUD_BASE_URL` is used, " +
					"else `https://api.nova-cloud.ai`. It must be an `https://` URL without credentials, query and " +
					"fragment; `http://` is allowed for loopback hosts only.",
				Optional:   true,
				Validators: []validator.String{baseURL},
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "Longest time for one HTTP request. Default: `60s`. It must be a positive duration with a unit, " +
					"such as `30s` or `1m30s`.",
				Optional:   true,
				Validators: []validator.String{positiveDuration},
			},
			"max_retries": schema.Int64Attribute{
				MarkdownDescription: "How often a request that may be repeated is repeated; 0 switches repeating off. Default: `5`. " +
					"Range: 0 to 100.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(0, 100)},
			},
			"max_requests_per_minute": schema.Int64Attribute{
				MarkdownDescription: "Most requests per minute to each API, kept by waiting; 0 means no limit. Default: `100`. Range: " +
					"0 to 100000.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(0, 100000)},
			},
			"poll_interval": schema.StringAttribute{
				MarkdownDescription: "Time between two looks at something that is waited for; it grows while nothing changes. " +
					"Default: `5s`. It must be a positive duration with a unit, such as `30s` or `1m30s`.",
				Optional:   true,
				Validators: []validator.String{positiveDuration},
			},
		},
	}
}
