// The schema of `novita_gpu_instance`, with the same names and texts as the provider's own. An attribute
// that is computed and has no plan modifier may change by itself, so each change makes it unknown.

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
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
	mapvalidator.KeysAre(length(1, 511)),
	mapvalidator.ValueStringsAre(length(0, 4095)),
}

var candidates = []validator.List{
	listvalidator.SizeBetween(1, 20),
	listvalidator.ValueStringsAre(length(1, 255)),
}

func instanceSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "GPU instance of Novita AI: a container on a machine with GPUs.\n\nBilling starts when the image pull begins, before the instance is running. The storage of a stopped instance is still billed. A stop promises nothing about the data in `/` and `/workspace`: keep data on a network storage. Recreating the container ends its processes; the provider asks the API to keep its data. There is no user data (cloud-init): use `command` or the image. The guide [Costs and changes](https://registry.terraform.io/providers/novita/novita/latest/docs/guides/money) lists what a stop, a change and a replacement cost.\n\nVendor documentation: [Create instance](https://novita.ai/docs/api-reference/gpu-instance-create-instance), [Upgrade instance](https://novita.ai/docs/api-reference/gpu-instance-upgrade-instance), [Edit instance](https://novita.ai/docs/api-reference/gpu-instance-edit-instance), [Pricing](https://novita.ai/docs/guides/gpu-instance-pricing).",
		Attributes:          instanceAttributes(),
		Blocks:              map[string]schema.Block{"timeouts": timeoutsBlock(ctx)},
	}
}

func timeoutsBlock(ctx context.Context) schema.Block {
	block := timeouts.Block(ctx, timeouts.Opts{
		Create: true, CreateDescription: "Maximum duration of creation including waiting, such as `30m` or `1h30m`. Default: `30m`. Changing it only affects the state.",
		Update: true, UpdateDescription: "Maximum duration of updates in place including waiting, such as `30m` or `1h30m`. Default: `30m`. Changing it only affects the state.",
		Delete: true, DeleteDescription: "Maximum duration of deletion including waiting, such as `30m` or `1h30m`. Default: `15m`. Changing it only affects the state.",
	})
	nested, ok := block.(schema.SingleNestedBlock)
	if !ok {
		return block
	}
	nested.MarkdownDescription = "Timeouts of the operations."
	for name, attribute := range nested.Attributes {
		if text, ok := attribute.(schema.StringAttribute); ok {
			text.MarkdownDescription = text.Description
			nested.Attributes[name] = text
		}
	}
	return nested
}

// role says who sets an attribute, and who may see it.
type role uint8

const (
	required role = 1 << iota
	optional
	computed
	sensitive
	writeOnly
)

func (r role) has(other role) bool { return r&other != 0 }

func text(by role, description string, checks []validator.String, modifiers ...planmodifier.String) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description,
		Required:            by.has(required), Optional: by.has(optional), Computed: by.has(computed),
		Sensitive: by.has(sensitive), WriteOnly: by.has(writeOnly),
		Validators: checks, PlanModifiers: modifiers,
	}
}

func whole(by role, description string, checks []validator.Int64, modifiers ...planmodifier.Int64) schema.Int64Attribute {
	return schema.Int64Attribute{
		MarkdownDescription: description,
		Required:            by.has(required), Optional: by.has(optional), Computed: by.has(computed),
		Validators: checks, PlanModifiers: modifiers,
	}
}

func flag(description string) schema.BoolAttribute {
	return schema.BoolAttribute{MarkdownDescription: description, Optional: true}
}

func flagOr(otherwise bool, description string) schema.BoolAttribute {
	return schema.BoolAttribute{
		MarkdownDescription: description,
		Optional:            true, Computed: true, Default: booldefault.StaticBool(otherwise),
	}
}

func candidateList(description string) schema.ListAttribute {
	return schema.ListAttribute{
		MarkdownDescription: description,
		Optional:            true, ElementType: types.StringType, Validators: candidates,
	}
}

func variables(by role, description string) schema.MapAttribute {
	return schema.MapAttribute{
		MarkdownDescription: description,
		Optional:            true, Sensitive: by.has(sensitive), ElementType: types.StringType, Validators: environment,
	}
}

func checks(all ...validator.String) []validator.String { return all }

func between(least, most int64) []validator.Int64 {
	return []validator.Int64{int64validator.Between(least, most)}
}

func length(least, most int) validator.String {
	return stringvalidator.UTF8LengthBetween(least, most)
}

var (
	keptText     = stringplanmodifier.UseStateForUnknown()
	keptWhole    = int64planmodifier.UseStateForUnknown()
	replacedText = stringplanmodifier.RequiresReplace()
)

func instanceAttributes() map[string]schema.Attribute {
	monthsOrNone := whole(optional|computed, "Number of prepaid months. `0`: pay per use. A number greater than 0 implies monthly billing. Range: at least 0. Default: `0`. Changing it from `0` to more takes effect in place; back to `0` replaces the resource; any other change is an error.",
		[]validator.Int64{int64validator.AtLeast(0)}, replacedByNoMonths)
	monthsOrNone.Default = int64default.StaticInt64(0)
	mounted := text(optional|computed, "Mount path in the instance. Length: 1 to 4095 characters. Default: `/network`.", checks(length(1, 4095)))
	mounted.Default = stringdefault.StaticString(mountPoint)
	return map[string]schema.Attribute{
		"id": text(computed, "ID of the instance.", nil, keptText),
		"name": text(optional|computed, "Name, shown in the console. If omitted, the provider generates a unique name with the prefix `tf-`, by which it finds the instance again after a lost response. Length: 1 to 255 characters. Changing it replaces the resource.",
			checks(length(1, 255)), keptText, replacedText),
		"product_id": text(optional|computed, "ID of the product: GPU model, vCPUs and RAM. `novita_gpu_products` and `novita_cpu_products` list the IDs. Set exactly one of `product_id` and `product_ids`; with `product_ids` it is the rented product. Length: 1 to 255 characters. Changing it replaces the resource.",
			checks(length(1, 255)), keptText, replacedText),
		"product_ids": candidateList("IDs of products in order of preference, from `novita_gpu_products` or `novita_cpu_products`. The first product with capacity is rented; products in stock are tried first. If the list no longer contains the product in use, the instance is replaced. Length: 1 to 255 characters. Size: 1 to 20 elements. Changing it only affects the state."),
		"gpu_num": whole(required, "Number of GPUs. Range: 1 to 8. Changing it replaces the resource.",
			between(1, 8), int64planmodifier.RequiresReplace()),
		"rootfs_size": whole(required, "Size of the system disk in GB. A larger disk is not changed. The maximum of a product is `max_rootfs` in `novita_gpu_products`. Range: 10 to 6144. A larger size is applied in place, without a restart; a smaller one is an error, because a disk cannot shrink.",
			between(10, 6144)),
		"image_url": text(required, "Image with registry and tag, such as `docker.io/acme/trainer:1.4`. Length: 1 to 500 characters. Changing it recreates the container on the same instance; running processes end.",
			checks(length(1, 500))),
		"image_auth": text(optional|sensitive, "Login for a private registry in the form `username:password`. It is stored in the state; prefer `image_auth_wo` or `image_auth_id`. Only one of the three can be set. Length: 1 to 10239 characters. It must be `username:password`. Changing it replaces the resource, unless `image_auth_id` is set instead.",
			checks(length(1, 10239), registryLogin), replacedByLogin),
		"image_auth_wo": text(optional|sensitive|writeOnly, "Same as `image_auth`, but never stored. Length: 1 to 10239 characters. It must be `username:password`. Write-only: never stored in plans or state. Requires Terraform or OpenTofu 1.11 or newer.",
			checks(length(1, 10239), registryLogin)),
		"image_auth_wo_version": whole(optional, "Change this number whenever `image_auth_wo` changes. Changing it replaces the resource, unless `image_auth_id` is set instead.",
			[]validator.Int64{int64validator.AlsoRequires(path.MatchRoot("image_auth_wo"))}, replacedByLoginVersion),
		"image_auth_id": text(optional, "ID of a registry login (`novita_registry_auth`), for a private image. Length: at most 255 characters. Changing it recreates the container on the same instance; running processes end.",
			checks(length(0, 255))),
		"ports": schema.SetAttribute{
			MarkdownDescription: "Ports to open, such as `22/tcp` or `8888/http`, in any order. Together with `tools`, at most 15; each port number only once. It must be `PORT/tcp` or `PORT/http`, PORT being 1 to 65535 but not 2222, 2223 or 2224. Changing it replaces the list of open ports in place, without a restart.",
			Optional:            true,
			ElementType:         types.StringType,
			Validators:          []validator.Set{setvalidator.ValueStringsAre(portForm)},
		},
		"envs":        variables(optional, "Environment variables. Together with `secret_envs`, at most 100. Length of each key: 1 to 511 characters. Length: at most 4095 characters. Changing it recreates the container on the same instance; running processes end."),
		"secret_envs": variables(optional|sensitive, "Environment variables whose values are hidden in plans. They are stored in the state. A key must not be in `envs` as well. Length of each key: 1 to 511 characters. Length: at most 4095 characters. Changing it recreates the container on the same instance; running processes end."),
		"tools": schema.SetNestedAttribute{
			MarkdownDescription: "Tools of the official images to start with the instance. `novita_templates` lists the official images. Changing it replaces the resource.",
			Optional:            true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"name": text(required, "Name of the tool. Allowed values: `Jupyter`.", checks(stringvalidator.OneOf("Jupyter"))),
				"port": whole(required, "Port on which the tool is opened. `2222`, `2223`, `2224` and ports in `ports` are not allowed. Range: 1 to 65535.", between(1, 65535)),
				"type": text(required, "Protocol of the port. Allowed values: `tcp`, `http`.", checks(stringvalidator.OneOf("tcp", "http"))),
			}},
			PlanModifiers: []planmodifier.Set{setplanmodifier.RequiresReplace()},
		},
		"command": text(optional, "Start command, overrides the command of the image. Length: at most 2047 characters. Changing it recreates the container on the same instance; running processes end.",
			checks(length(0, 2047))),
		"entrypoint": text(optional, "Entry point, overrides the entry point of the image. Length: at most 2047 characters. Changing it recreates the container on the same instance; running processes end.",
			checks(length(0, 2047))),
		"cluster_id": text(optional|computed, "ID of the cluster, from `novita_clusters`. If omitted, the API chooses one. Length: 1 to 255 characters. Changing it replaces the resource.",
			checks(length(1, 255)), keptText, replacedText),
		"cluster_ids": candidateList("IDs of clusters in order of preference, from `novita_clusters`. Each is tried with each product. If the list no longer contains the cluster in use, the instance is replaced. Length: 1 to 255 characters. Size: 1 to 20 elements. Changing it only affects the state."),
		"capacity_timeout": text(optional, "How long to keep trying while no candidate has capacity, such as `2h`. If omitted, each candidate is tried once. The time counts towards `timeouts.create`. It must be a positive duration with a unit, such as `30s` or `1m30s`. Changing it only affects the state.",
			checks(positiveDuration)),
		"network_storages": schema.SetNestedAttribute{
			MarkdownDescription: "Network storages to mount (`novita_network_storage`). They must be in the cluster of the instance. Size: at most 30 elements. Changing it recreates the container on the same instance; running processes end.",
			Optional:            true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"id":          text(required, "ID of the storage (`novita_network_storage`). Length: 1 to 255 characters.", checks(length(1, 255))),
				"mount_point": mounted,
			}},
			Validators: []validator.Set{setvalidator.SizeAtMost(30)},
		},
		"network_id": text(optional, "ID of the VPC network that the instance joins (`novita_network`). Length: at most 255 characters. Changing it replaces the resource.",
			checks(length(0, 255)), replacedByText),
		"desired_status": text(optional, "Desired power state. If omitted, the provider never starts or stops the instance. Allowed values: `running`, `stopped`. Changing it starts or stops the instance in place.",
			checks(stringvalidator.OneOf("running", "stopped"))),
		"max_hourly_price": schema.Float64Attribute{
			MarkdownDescription: "Maximum price of the whole instance in USD per hour. A plan above it is an error. Nothing is created if the price is above it at that time or cannot be read. Range: at least 0. Changing it only affects the state.",
			Optional:            true,
			Validators:          []validator.Float64{float64validator.AtLeast(0)},
		},
		"deletion_protection": flagOr(false, "Refuse any plan that destroys or replaces the instance. Default: `false`. Changing it only affects the state."),
		"wait_for_ready":      flagOr(true, "Wait until the instance is running. With `false`, creation ends as soon as the ID is stored in the state. Default: `true`. Changing it only affects the state."),
		"store_ssh_password":  flagOr(true, "Store the SSH password in the state. With `false`, `ssh_password` is null; read it with the ephemeral resource `novita_instance_access`. Default: `true`. Changing it only affects the state."),
		"billing_mode": text(optional|computed, "Billing mode. `onDemand`: pay per use. `monthly`: prepaid for `month` months. `spot`: cheaper, can be reclaimed by the vendor. If omitted, `monthly` if `month` is greater than 0, else `onDemand`. Allowed values: `onDemand`, `monthly`, `spot`. Changing it from `onDemand` to `monthly` takes effect in place; any other change replaces the resource.",
			checks(stringvalidator.OneOf(onDemand, monthly, spot)), replacedByBilling),
		"month":      monthsOrNone,
		"auto_renew": flagOr(false, "Renew a monthly instance automatically at the end of its term. Default: `false`. Changing it takes effect in place."),
		"auto_renew_month": whole(optional, "Number of months of each automatic renewal. Only with `auto_renew`; the API uses `1` if omitted. Range: 1 to 12. Changing it takes effect in place.",
			between(1, 12)),
		"auto_migrate":             flag("Migrate the instance to another node automatically when its node fails. Not every instance supports it. The API accepts the setting once the instance is running and never returns it, so a change in the console is not detected. Changing it takes effect in place."),
		"auto_migrate_system_disk": flag("Migrate the system disk too. Only with `auto_migrate`. Changing it takes effect in place."),
		"min_cuda_version": text(optional, "Minimum CUDA version that the driver of the machine must support. Length: 1 to 255 characters. It must be `MAJOR.MINOR`, such as `12.4`. Changing it replaces the resource.",
			checks(length(1, 255), cudaVersion), replacedText),

		"status":       text(computed, "Status as returned by the API: `running`, `exited` (stopped), or a transitional one such as `pulling`.", nil),
		"cluster_name": text(computed, "Name of the cluster.", nil, keptText),
		"product_name": text(computed, "Name of the product.", nil, keptText),
		"created_at":   text(computed, "Time of creation in RFC 3339 format.", nil, keptText),
		"end_time":     text(computed, "End of the term of a monthly instance in RFC 3339 format.", nil),
		"network_ip":   text(computed, "IP address in the VPC network.", nil),
		"cpu_num":      whole(computed, "Number of vCPUs.", nil, keptWhole),
		"memory":       whole(computed, "RAM in GB (not GPU memory).", nil, keptWhole),
		"hourly_price": schema.Float64Attribute{
			MarkdownDescription: "Price of the whole instance in USD per hour in its billing mode, at the time of creation or import.",
			Computed:            true,
			PlanModifiers:       []planmodifier.Float64{float64planmodifier.UseStateForUnknown()},
		},
		"port_mappings": schema.ListNestedAttribute{
			MarkdownDescription: "Public addresses of the open ports, sorted by port.",
			Computed:            true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"port":     whole(computed, "Port in the instance.", nil),
				"type":     text(computed, "Protocol of the port: `tcp` or `http`. Allowed values: `tcp`, `http`.", nil),
				"endpoint": text(computed, "Public address. Null until the instance is running.", nil),
			}},
		},
		"spot_status":  text(computed, "State of a spot instance: `running`, `notified`, `reclaiming` or `terminated`.", nil),
		"ssh_command":  text(computed, "Command that opens a shell by SSH.", nil),
		"ssh_host":     text(computed, "Host name in `ssh_command`, for provisioners and inventories. Null if the command is not of the form `ssh -p PORT USER@HOST`.", nil),
		"ssh_port":     whole(computed, "Port in `ssh_command`. Null under the same condition as `ssh_host`.", nil),
		"ssh_user":     text(computed, "User name in `ssh_command`. Null under the same condition as `ssh_host`.", nil),
		"ssh_password": text(computed|sensitive, "Password for SSH.", nil),
		"jupyter_url":  text(computed, "URL of Jupyter.", nil),
	}
}
