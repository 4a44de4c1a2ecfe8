// The schema of `novita_gpu_instance`, with the same names and texts as the provider's own. An attribute
// that is computed and has no plan modifier may change by itself, so each change makes it unknown.

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	onDemand = "onDemand"
	monthly  = "monthly"
	spot     = "spot"

	mountPoint = "/network"
)

var environment = []validator.Map{
	mapvalidator.KeysAre(stringvalidator.UTF8LengthBetween(1, 511)),
	mapvalidator.ValueStringsAre(stringvalidator.UTF8LengthAtMost(4095)),
}

func instanceSchema(ctx context.Context) schema.Schema {
	attributes := chosenAttributes()
	maps.Copy(attributes, learntAttributes())
	return schema.Schema{
		MarkdownDescription: "A GPU instance of Novita AI: a container on a machine with GPUs.\n\nBilling begins when the image " +
			"is pulled. A stopped instance keeps its data for some days and is billed for its storage; see " +
			"the guide on money for what a stop, a change and a replacement cost.",
		Attributes: attributes,
		Blocks:     map[string]schema.Block{"timeouts": timeoutsBlock(ctx)},
	}
}

func timeoutsBlock(ctx context.Context) schema.Block {
	block := timeouts.Block(ctx, timeouts.Opts{
		Create: true, CreateDescription: timeoutText("creating", "30m"),
		Update: true, UpdateDescription: timeoutText("changing in place", "30m"),
		Delete: true, DeleteDescription: timeoutText("destroying", "15m"),
	})
	nested, ok := block.(schema.SingleNestedBlock)
	if !ok {
		return block
	}
	nested.MarkdownDescription = "How long operations may take."
	for name, attribute := range nested.Attributes {
		if text, ok := attribute.(schema.StringAttribute); ok {
			text.MarkdownDescription = text.Description
			nested.Attributes[name] = text
		}
	}
	return nested
}

func timeoutText(what, limit string) string {
	return "Longest time for " + what + ", waiting included, as a duration such as `30m` or `1h30m`. Default: `" +
		limit + "`. Changing it makes no API call."
}

// chosenAttributes are those that a configuration can set, and the id.
func chosenAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			MarkdownDescription: "Identifier of the instance.",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"name": schema.StringAttribute{
			MarkdownDescription: "Name, shown in the console. Without one the provider makes a unique name that begins with " +
				"`tf-`, so that the instance can be found again whatever happens. Length: 1 to 255 characters. " +
				"Changing it replaces the resource.",
			Optional:      true,
			Computed:      true,
			Validators:    []validator.String{stringvalidator.UTF8LengthBetween(1, 255)},
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplace()},
		},
		"product_id": schema.StringAttribute{
			MarkdownDescription: "Identifier of the product: GPU model, processors and memory. Length: 1 to 255 characters. " +
				"Changing it replaces the resource.",
			Required:      true,
			Validators:    []validator.String{stringvalidator.UTF8LengthBetween(1, 255)},
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"gpu_num": schema.Int64Attribute{
			MarkdownDescription: "Number of GPUs. Range: 1 to 8. Changing it replaces the resource.",
			Required:            true,
			Validators:          []validator.Int64{int64validator.Between(1, 8)},
			PlanModifiers:       []planmodifier.Int64{int64planmodifier.RequiresReplace()},
		},
		"rootfs_size": schema.Int64Attribute{
			MarkdownDescription: "Size of the system disk in GB. The most that a product allows is its `maxRootFS`. Range: 10 to " +
				"6144. A larger size is applied in place, without a restart (edit); a smaller one replaces the " +
				"resource.",
			Required:      true,
			Validators:    []validator.Int64{int64validator.Between(10, 6144)},
			PlanModifiers: []planmodifier.Int64{replacedByShrinking},
		},
		"image_url": schema.StringAttribute{
			MarkdownDescription: "Image to run, with registry and tag. Length: 1 to 500 characters. Changing it resets the " +
				"container in place (upgrade).",
			Required:   true,
			Validators: []validator.String{stringvalidator.UTF8LengthBetween(1, 500)},
		},
		"image_auth": schema.StringAttribute{
			MarkdownDescription: "Login for a private registry as `username:password`. Prefer `image_auth_wo`, which is not " +
				"stored, or `image_auth_id`. Only one of the three can be set. Length: 1 to 10239 characters. It " +
				"must be `username:password`. Changing it replaces the resource, unless `image_auth_id` takes " +
				"its place.",
			Optional:      true,
			Sensitive:     true,
			Validators:    []validator.String{stringvalidator.UTF8LengthBetween(1, 10239), registryLogin},
			PlanModifiers: []planmodifier.String{replacedByLogin},
		},
		"image_auth_wo": schema.StringAttribute{
			MarkdownDescription: "As `image_auth`, but kept out of plan and state. Length: 1 to 10239 characters. It must be " +
				"`username:password`. Write-only: never stored in plan or state; needs Terraform or OpenTofu " +
				"1.11.",
			Optional:   true,
			Sensitive:  true,
			WriteOnly:  true,
			Validators: []validator.String{stringvalidator.UTF8LengthBetween(1, 10239), registryLogin},
		},
		"image_auth_wo_version": schema.Int64Attribute{
			MarkdownDescription: "Version of `image_auth_wo`, any number: a new one says that `image_auth_wo` has changed. " +
				"Changing it replaces the resource, unless `image_auth_id` takes the place of the login.",
			Optional:      true,
			Validators:    []validator.Int64{int64validator.AlsoRequires(path.MatchRoot("image_auth_wo"))},
			PlanModifiers: []planmodifier.Int64{replacedByLoginVersion},
		},
		"image_auth_id": schema.StringAttribute{
			MarkdownDescription: "Identifier of a login for a private registry that is saved in the account. Length: at most 255 " +
				"characters. Changing it resets the container in place (upgrade).",
			Optional:   true,
			Validators: []validator.String{stringvalidator.UTF8LengthAtMost(255)},
		},
		"ports": schema.SetAttribute{
			MarkdownDescription: "Ports to open, in any order. Together with `tools` there can be 15, and a port stands once. It " +
				"must be `PORT/tcp` or `PORT/http`, PORT being 1 to 65535 but not 2222, 2223 or 2224. Changing " +
				"it sets the whole list in place, without a restart (edit).",
			Optional:    true,
			ElementType: types.StringType,
			Validators:  []validator.Set{setvalidator.ValueStringsAre(portForm)},
		},
		"envs": schema.MapAttribute{
			MarkdownDescription: "Environment variables. Together with `secret_envs` there can be 100. Length of each key: 1 to " +
				"511 characters. Length: at most 4095 characters. Changing it resets the container in place " +
				"(upgrade).",
			Optional:    true,
			ElementType: types.StringType,
			Validators:  environment,
		},
		"secret_envs": schema.MapAttribute{
			MarkdownDescription: "Environment variables whose values clients hide. A key cannot be in `envs` too. Length of each " +
				"key: 1 to 511 characters. Length: at most 4095 characters. Changing it resets the container in " +
				"place (upgrade).",
			Optional:    true,
			Sensitive:   true,
			ElementType: types.StringType,
			Validators:  environment,
		},
		"tools": schema.SetNestedAttribute{
			MarkdownDescription: "Tools of the official images to start with the instance. Changing it replaces the resource.",
			Optional:            true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"name": schema.StringAttribute{
					MarkdownDescription: "Name of the tool. Allowed values: `Jupyter`.",
					Required:            true,
					Validators:          []validator.String{stringvalidator.OneOf("Jupyter")},
				},
				"port": schema.Int64Attribute{
					MarkdownDescription: "Port on which it is reached; not 2222, 2223 or 2224, and not a member of `ports`. Range: 1 to " +
						"65535.",
					Required:   true,
					Validators: []validator.Int64{int64validator.Between(1, 65535)},
				},
				"type": schema.StringAttribute{
					MarkdownDescription: "How it is reached. Allowed values: `tcp`, `http`.",
					Required:            true,
					Validators:          []validator.String{stringvalidator.OneOf("tcp", "http")},
				},
			}},
			PlanModifiers: []planmodifier.Set{setplanmodifier.RequiresReplace()},
		},
		"command": schema.StringAttribute{
			MarkdownDescription: "Start command, instead of the image's. Length: at most 2047 characters. Changing it resets the " +
				"container in place (upgrade).",
			Optional:   true,
			Validators: []validator.String{stringvalidator.UTF8LengthAtMost(2047)},
		},
		"entrypoint": schema.StringAttribute{
			MarkdownDescription: "Entry point, instead of the image's. Length: at most 2047 characters. Changing it resets the " +
				"container in place (upgrade).",
			Optional:   true,
			Validators: []validator.String{stringvalidator.UTF8LengthAtMost(2047)},
		},
		"cluster_id": schema.StringAttribute{
			MarkdownDescription: "Identifier of the cluster. Without one the API chooses. Length: 1 to 255 characters. Changing " +
				"it replaces the resource.",
			Optional:      true,
			Computed:      true,
			Validators:    []validator.String{stringvalidator.UTF8LengthBetween(1, 255)},
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplace()},
		},
		"network_storages": schema.SetNestedAttribute{
			MarkdownDescription: "Network storages of the same cluster to mount. Size: at most 30 members. Changing it resets the " +
				"container in place (upgrade).",
			Optional: true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"id": schema.StringAttribute{
					MarkdownDescription: "Identifier of the storage. Length: 1 to 255 characters.",
					Required:            true,
					Validators:          []validator.String{stringvalidator.UTF8LengthBetween(1, 255)},
				},
				"mount_point": schema.StringAttribute{
					MarkdownDescription: "Path in the instance. Length: 1 to 4095 characters. Default: `/network`.",
					Optional:            true,
					Computed:            true,
					Default:             stringdefault.StaticString(mountPoint),
					Validators:          []validator.String{stringvalidator.UTF8LengthBetween(1, 4095)},
				},
			}},
			Validators: []validator.Set{setvalidator.SizeAtMost(30)},
		},
		"network_id": schema.StringAttribute{
			MarkdownDescription: "Identifier of the VPC network that the instance joins. Length: at most 255 characters. Changing " +
				"it replaces the resource.",
			Optional:      true,
			Validators:    []validator.String{stringvalidator.UTF8LengthAtMost(255)},
			PlanModifiers: []planmodifier.String{replacedByText},
		},
		"desired_status": schema.StringAttribute{
			MarkdownDescription: "Whether the instance is to run. Without a value its power is not managed. Allowed values: " +
				"`running`, `stopped`. Changing it starts or stops the instance in place.",
			Optional:   true,
			Validators: []validator.String{stringvalidator.OneOf("running", "stopped")},
		},
		"deletion_protection": schema.BoolAttribute{
			MarkdownDescription: "Whether destroying and replacing are refused. Default: `false`. Changing it makes no API call.",
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(false),
		},
		"wait_for_ready": schema.BoolAttribute{
			MarkdownDescription: "Whether creating waits until the instance runs. With `false` it ends once the identifier is in " +
				"the state. Default: `true`. Changing it makes no API call.",
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(true),
		},
		"billing_mode": schema.StringAttribute{
			MarkdownDescription: "How the instance is paid for: by use, by the month in advance, or as a spot instance that can " +
				"be taken back. Without a value it is `monthly` when `month` is above 0, else `onDemand`. " +
				"Allowed values: `onDemand`, `monthly`, `spot`. From `onDemand` to `monthly` it changes in place " +
				"(transToMonthlyInstance); any other change replaces the resource.",
			Optional:      true,
			Computed:      true,
			Validators:    []validator.String{stringvalidator.OneOf(onDemand, monthly, spot)},
			PlanModifiers: []planmodifier.String{replacedByBilling},
		},
		"month": schema.Int64Attribute{
			MarkdownDescription: "Months to pay in advance; 0 is pay as you go. Above 0 the billing is monthly. Range: at least " +
				"0. Default: `0`. From 0 to more it changes in place (transToMonthlyInstance); back to 0 " +
				"replaces the resource; another change is refused.",
			Optional:      true,
			Computed:      true,
			Default:       int64default.StaticInt64(0),
			Validators:    []validator.Int64{int64validator.AtLeast(0)},
			PlanModifiers: []planmodifier.Int64{replacedByNoMonths},
		},
		"auto_renew": schema.BoolAttribute{
			MarkdownDescription: "Renew a monthly instance at the end of its term. Default: `false`. Changing it takes effect in " +
				"place (setAutoRenew).",
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(false),
		},
		"auto_renew_month": schema.Int64Attribute{
			MarkdownDescription: "Months of each automatic renewal; only with `auto_renew`. Range: 1 to 12. Changing it takes " +
				"effect in place (setAutoRenew).",
			Optional:   true,
			Validators: []validator.Int64{int64validator.Between(1, 12)},
		},
		"min_cuda_version": schema.StringAttribute{
			MarkdownDescription: "Oldest CUDA version that the machine's driver must support. Length: 1 to 255 characters. It " +
				"must be `MAJOR.MINOR`, such as `12.4`. Changing it replaces the resource.",
			Optional:      true,
			Validators:    []validator.String{stringvalidator.UTF8LengthBetween(1, 255), cudaVersion},
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
	}
}

// learntAttributes are those that only the API knows.
func learntAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"cluster_name": schema.StringAttribute{
			MarkdownDescription: "Name of the cluster.",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"cpu_num": schema.Int64Attribute{
			MarkdownDescription: "Number of vCPUs.",
			Computed:            true,
			PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
		},
		"created_at": schema.StringAttribute{
			MarkdownDescription: "When the instance was created, in RFC 3339.",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"end_time": schema.StringAttribute{
			MarkdownDescription: "End of the term of a monthly instance, in RFC 3339.",
			Computed:            true,
		},
		"hourly_price": schema.Float64Attribute{
			MarkdownDescription: "Price of the whole machine in USD per hour for its way of billing, as it was when the instance " +
				"was made.",
			Computed:      true,
			PlanModifiers: []planmodifier.Float64{float64planmodifier.UseStateForUnknown()},
		},
		"jupyter_url": schema.StringAttribute{
			MarkdownDescription: "Address of Jupyter.",
			Computed:            true,
		},
		"memory": schema.Int64Attribute{
			MarkdownDescription: "Memory in GB.",
			Computed:            true,
			PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
		},
		"network_ip": schema.StringAttribute{
			MarkdownDescription: "Address in the VPC network.",
			Computed:            true,
		},
		"port_mappings": schema.ListNestedAttribute{
			MarkdownDescription: "Public addresses of the open ports, ordered by port.",
			Computed:            true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"endpoint": schema.StringAttribute{
					MarkdownDescription: "Public address; null until the instance runs.",
					Computed:            true,
				},
				"port": schema.Int64Attribute{
					MarkdownDescription: "Port in the instance.",
					Computed:            true,
				},
				"type": schema.StringAttribute{
					MarkdownDescription: "How it is reached. Allowed values: `tcp`, `http`.",
					Computed:            true,
				},
			}},
		},
		"product_name": schema.StringAttribute{
			MarkdownDescription: "Name of the product.",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"spot_status": schema.StringAttribute{
			MarkdownDescription: "State of a spot instance: `running`, `notified`, `reclaiming` or `terminated`.",
			Computed:            true,
		},
		"ssh_command": schema.StringAttribute{
			MarkdownDescription: "Command that opens a shell by SSH.",
			Computed:            true,
		},
		"ssh_password": schema.StringAttribute{
			MarkdownDescription: "Password of the SSH user.",
			Computed:            true,
			Sensitive:           true,
		},
		"status": schema.StringAttribute{
			MarkdownDescription: "Status as the API names it: `running`, `exited` (stopped), or one on the way there.",
			Computed:            true,
		},
	}
}
