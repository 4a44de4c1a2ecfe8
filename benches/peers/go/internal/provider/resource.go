// The life cycle of `novita_gpu_instance`. A create call rents hardware, so its id is in the state
// before anything else is tried. Calls about billing are refused as not supported by this peer.

package provider

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform-provider-novita/internal/api"
)

const (
	defaultCreateTimeout = 30 * time.Minute
	defaultUpdateTimeout = 30 * time.Minute
	defaultDeleteTimeout = 15 * time.Minute

	mostPorts = 15
	mostEnvs  = 100
)

type instanceResource struct {
	configured
}

var (
	_ resource.ResourceWithConfigure        = &instanceResource{}
	_ resource.ResourceWithConfigValidators = &instanceResource{}
	_ resource.ResourceWithValidateConfig   = &instanceResource{}
	_ resource.ResourceWithModifyPlan       = &instanceResource{}
	_ resource.ResourceWithIdentity         = &instanceResource{}
	_ resource.ResourceWithImportState      = &instanceResource{}
)

func newInstanceResource() resource.Resource {
	return &instanceResource{}
}

func (r *instanceResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_gpu_instance"
}

func (r *instanceResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = instanceSchema(ctx)
}

func (r *instanceResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{Description: "ID of the instance.", RequiredForImport: true},
	}}
}

func (r *instanceResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	if req.ProviderData == nil {
		return // before the provider is configured, or its settings are not known yet
	}
	settings, ok := req.ProviderData.(configured)
	if !ok {
		resp.Diagnostics.AddError("Unexpected provider data", fmt.Sprintf("This is a bug in the provider: %T.", req.ProviderData))
		return
	}
	r.configured = settings
}

func (r *instanceResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{
		resourcevalidator.Conflicting(path.MatchRoot("image_auth"), path.MatchRoot("image_auth_id"), path.MatchRoot("image_auth_wo")),
		resourcevalidator.ExactlyOneOf(path.MatchRoot("product_id"), path.MatchRoot("product_ids")),
		resourcevalidator.Conflicting(path.MatchRoot("cluster_id"), path.MatchRoot("cluster_ids")),
	}
}

func (r *instanceResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config instanceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	refuse := func(attribute, detail string) {
		resp.Diagnostics.AddAttributeError(path.Root(attribute), "Invalid Attribute Combination", detail)
	}
	validatePorts(&config, refuse)
	validateEnvs(&config, refuse)
	validateStorages(&config, refuse)
	validateBilling(&config, refuse)
	if config.AutoMigrate.ValueBool() {
		refuse("auto_migrate", "Not supported by this peer.")
	}
	if config.WaitForReady.Equal(types.BoolValue(false)) && config.DesiredStatus.ValueString() == "stopped" {
		refuse("wait_for_ready", "An instance can be stopped only once it runs: with `desired_status = \"stopped\"` leave it at `true`.")
	}
}

// validatePorts reads the elements by hand, since some of them may be unknown.
func validatePorts(config *instanceModel, refuse func(attribute, detail string)) {
	seen := map[int64]bool{}
	for _, element := range config.Ports.Elements() {
		text, _ := element.(types.String)
		port, err := parsePort(text.ValueString())
		if err != nil {
			continue // unknown, or refused by the attribute's validator
		}
		if seen[port.Port] {
			refuse("ports", fmt.Sprintf("Port %d is listed twice: a port has one protocol.", port.Port))
		}
		seen[port.Port] = true
	}
	for _, element := range config.Tools.Elements() {
		tool, _ := element.(types.Object)
		port, _ := tool.Attributes()["port"].(types.Int64)
		number := port.ValueInt64()
		switch {
		case number == 0: // unknown
		case isReserved(number):
			refuse("tools", fmt.Sprintf("Port %d belongs to the platform.", number))
		case seen[number]:
			refuse("tools", fmt.Sprintf("Port %d is used twice, in `tools` or in `ports`.", number))
		}
		seen[number] = true
	}
	if count := len(config.Ports.Elements()) + len(config.Tools.Elements()); count > mostPorts {
		refuse("ports", fmt.Sprintf("`ports` and `tools` may have %d members together. There are %d.", mostPorts, count))
	}
}

func validateEnvs(config *instanceModel, refuse func(attribute, detail string)) {
	envs, secretEnvs := config.Envs.Elements(), config.SecretEnvs.Elements()
	for key := range secretEnvs {
		if _, ok := envs[key]; ok {
			refuse("secret_envs", fmt.Sprintf("The key %q is in `envs` too.", key))
		}
	}
	if count := len(envs) + len(secretEnvs); count > mostEnvs {
		refuse("envs", fmt.Sprintf("`envs` and `secret_envs` may have %d members together. There are %d.", mostEnvs, count))
	}
}

func validateStorages(config *instanceModel, refuse func(attribute, detail string)) {
	seen := map[string]bool{}
	for _, element := range config.NetworkStorages.Elements() {
		storage, _ := element.(types.Object)
		point, ok := storage.Attributes()["mount_point"].(types.String)
		if !ok || point.IsUnknown() {
			continue
		}
		text := point.ValueString()
		if point.IsNull() {
			text = mountPoint
		}
		if seen[text] {
			refuse("network_storages", fmt.Sprintf("Two storages are mounted at %q.", text))
		}
		seen[text] = true
	}
}

func validateBilling(config *instanceModel, refuse func(attribute, detail string)) {
	mode := config.BillingMode.ValueString()
	otherMode := mode != "" && mode != monthly
	if config.Month.ValueInt64() > 0 && otherMode {
		refuse("billing_mode", fmt.Sprintf("With `month` above 0 the billing is monthly, not `%s`.", mode))
	}
	if config.AutoRenew.ValueBool() && otherMode {
		refuse("auto_renew", "Only monthly billing can be renewed automatically: set `month`.")
	}
	if !config.AutoRenewMonth.IsNull() && !config.AutoRenew.ValueBool() && !config.AutoRenew.IsUnknown() {
		refuse("auto_renew_month", "It has a meaning only together with `auto_renew = true`: set that too.")
	}
}

// ModifyPlan refuses to destroy what is protected and to shrink a disk, and plans the billing that `month` implies.
func (r *instanceResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state, plan, config *instanceModel
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.refuseProtected(state)...)
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if state != nil && plan != nil && !plan.RootfsSize.IsUnknown() && plan.RootfsSize.ValueInt64() < state.RootfsSize.ValueInt64() {
		resp.Diagnostics.AddAttributeError(path.Root("rootfs_size"), "Disk cannot shrink",
			fmt.Sprintf("It has %d GB.", state.RootfsSize.ValueInt64()))
	}
	if resp.Diagnostics.HasError() || !config.BillingMode.IsNull() {
		return
	}
	mode := impliedBilling(state, plan)
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("billing_mode"), mode)...)
}

func impliedBilling(state, plan *instanceModel) types.String {
	switch {
	case plan.Month.IsUnknown():
		return types.StringUnknown()
	case plan.Month.ValueInt64() > 0:
		return types.StringValue(monthly)
	case state != nil && state.Month.ValueInt64() == 0 && !state.BillingMode.IsNull():
		return state.BillingMode
	}
	return types.StringValue(onDemand)
}

func (r *instanceResource) refuseProtected(state *instanceModel) (diags diag.Diagnostics) {
	if state != nil && state.DeletionProtection.ValueBool() && !r.ignoresProtection {
		diags.AddAttributeError(path.Root("deletion_protection"), "Instance is protected",
			fmt.Sprintf("The instance %s must not be destroyed while `deletion_protection` is `true`.", state.ID.ValueString()))
	}
	return diags
}

func (r *instanceResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config instanceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	limit, diags := plan.Timeouts.Create(ctx, defaultCreateTimeout)
	resp.Diagnostics.Append(diags...)
	it, diags := plan.settings(ctx)
	resp.Diagnostics.Append(diags...)
	if !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	if plan.Name.ValueString() == "" {
		plan.Name = types.StringValue(uniqueName())
	}
	plan.ProductID = orFirst(plan.ProductID, plan.ProductIDs)
	plan.ClusterID = orFirst(plan.ClusterID, plan.ClusterIDs)
	id, err := r.client.Create(ctx, plan.createBody(it, config.ImageAuthWO.ValueString()))
	if err != nil {
		resp.Diagnostics.AddError("Cannot create the instance", err.Error())
		return
	}
	wanted := plan.DesiredStatus.ValueString()
	resp.Diagnostics.Append(plan.refresh(ctx, &api.Instance{ID: id})...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, plan.ID)...)
	if resp.Diagnostics.HasError() || !plan.WaitForReady.ValueBool() {
		return
	}
	instance, err := r.client.WaitUntilRunning(ctx, id, always)
	if err == nil && wanted == "stopped" {
		instance, err = r.stop(ctx, id)
	}
	if err != nil {
		resp.Diagnostics.AddError("Instance was created but is not ready", unfinished(id, err))
		return
	}
	resp.Diagnostics.Append(plan.refresh(ctx, instance)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (r *instanceResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state instanceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if !r.ready(&resp.Diagnostics) {
		return
	}
	instance, err := r.client.Get(ctx, state.ID.ValueString())
	if api.IsNotFound(err) || err == nil && instance.IsLeaving() {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.AddError("Cannot read the instance", err.Error())
		return
	}
	if instance.Kind != "" && instance.Kind != "gpu" {
		resp.Diagnostics.AddAttributeError(path.Root("id"), "Instance is of another kind",
			fmt.Sprintf("The instance %s is of the kind `%s`.", instance.ID, instance.Kind))
		return
	}
	resp.Diagnostics.Append(state.refresh(ctx, instance)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, state.ID)...)
}

func (r *instanceResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var state, plan instanceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	limit, diags := plan.Timeouts.Update(ctx, defaultUpdateTimeout)
	resp.Diagnostics.Append(diags...)
	old, diags := state.settings(ctx)
	resp.Diagnostics.Append(diags...)
	wanted, diags := plan.settings(ctx)
	resp.Diagnostics.Append(diags...)
	if !r.ready(&resp.Diagnostics) {
		return
	}
	if !sameBilling(&state, &plan) {
		resp.Diagnostics.AddError("Change of billing", "Not supported by this peer.")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	instance, err := r.change(ctx, &state, &plan, old, wanted)
	if err != nil {
		resp.Diagnostics.AddError("Cannot change the instance", unfinished(state.ID.ValueString(), err))
		return
	}
	resp.Diagnostics.Append(plan.refresh(ctx, instance)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, plan.ID)...)
}

// change makes each difference true by the call that is there for it: first start, since some calls
// want a running instance, last stop.
func (r *instanceResource) change(ctx context.Context, state, plan *instanceModel, old, wanted settings) (*api.Instance, error) {
	id := state.ID.ValueString()
	instance, err := r.client.Get(ctx, id)
	if err == nil && instance.Status == api.Exited && plan.DesiredStatus.ValueString() == "running" {
		instance, err = r.start(ctx, id)
	}
	if err == nil && (!slices.Equal(old.ports, wanted.ports) || !plan.RootfsSize.Equal(state.RootfsSize)) {
		instance, err = r.edit(ctx, instance, state, plan, wanted)
	}
	if err == nil && !sameUpgrade(state.upgradeBody(old), plan.upgradeBody(wanted)) {
		instance, err = r.upgrade(ctx, plan.upgradeBody(wanted))
	}
	if err == nil && instance.Status == api.Running && plan.DesiredStatus.ValueString() == "stopped" {
		instance, err = r.stop(ctx, id)
	}
	return instance, err
}

func (r *instanceResource) start(ctx context.Context, id string) (*api.Instance, error) {
	if err := r.client.Start(ctx, id); err != nil {
		return nil, err
	}
	return r.client.WaitUntilRunning(ctx, id, always)
}

func (r *instanceResource) stop(ctx context.Context, id string) (*api.Instance, error) {
	if err := r.client.Stop(ctx, id); err != nil {
		return nil, err
	}
	return r.client.WaitUntilExited(ctx, id)
}

// edit sets ports and disk. What the disk has grown already is not added again.
func (r *instanceResource) edit(ctx context.Context, instance *api.Instance, state, plan *instanceModel, wanted settings) (*api.Instance, error) {
	size := plan.RootfsSize.ValueInt64()
	growth := max(size-max(state.RootfsSize.ValueInt64(), int64(instance.RootfsSize)), 0)
	if err := r.client.Edit(ctx, instance.ID, wanted.ports, growth); err != nil {
		return nil, err
	}
	if instance.Status != api.Running {
		return r.client.Get(ctx, instance.ID)
	}
	return r.client.WaitUntilShown(ctx, instance.ID, func(shown *api.Instance) bool {
		samePorts := slices.EqualFunc(ownPorts(shown, wanted.tools), wanted.ports, func(shown api.PortMapping, wanted api.Port) bool {
			return int64(shown.Port) == wanted.Port
		})
		return samePorts && (shown.RootfsSize == 0 || int64(shown.RootfsSize) >= size)
	})
}

// upgrade resets the container with other settings and waits until it runs with them.
func (r *instanceResource) upgrade(ctx context.Context, body api.Upgrade) (*api.Instance, error) {
	if err := r.client.Upgrade(ctx, body); err != nil {
		return nil, err
	}
	return r.client.WaitUntilRunning(ctx, body.InstanceID, func(shown *api.Instance) bool {
		hasAll := !slices.ContainsFunc(body.Envs, func(env api.Env) bool { return !slices.Contains(shown.Envs, env) })
		return hasAll && shown.ImageURL == body.ImageURL && shown.ImageAuthID == body.ImageAuthID &&
			shown.Command == body.Command && shown.Entrypoint == body.Entrypoint
	})
}

func (r *instanceResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state instanceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(r.refuseProtected(&state)...)
	limit, diags := state.Timeouts.Delete(ctx, defaultDeleteTimeout)
	resp.Diagnostics.Append(diags...)
	if !r.ready(&resp.Diagnostics) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	id := state.ID.ValueString()
	err := r.client.Delete(ctx, id)
	if err == nil {
		err = r.client.WaitUntilGone(ctx, id)
	}
	if err != nil {
		resp.Diagnostics.AddError("Cannot destroy the instance", unfinished(id, err))
	}
}

func (r *instanceResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
}

// ready says whether an operation can begin: nothing has failed yet, and there is a client with a key.
func (r *instanceResource) ready(diags *diag.Diagnostics) bool {
	if r.client == nil {
		diags.AddError("Provider is not configured", "A setting of the provider block is known only after apply.")
	} else if !r.client.HasKey() {
		diags.AddError("Missing API key of Novita AI", "Set `api_key` in the provider block or the environment variable NOVITA_API_KEY.")
	}
	return !diags.HasError()
}

func sameBilling(state, plan *instanceModel) bool {
	return plan.BillingMode.Equal(state.BillingMode) && plan.Month.Equal(state.Month) &&
		plan.AutoRenew.Equal(state.AutoRenew) && plan.AutoRenewMonth.Equal(state.AutoRenewMonth)
}

func sameUpgrade(a, b api.Upgrade) bool {
	return a.ImageURL == b.ImageURL && a.ImageAuthID == b.ImageAuthID && a.Command == b.Command && a.Entrypoint == b.Entrypoint &&
		slices.Equal(a.Envs, b.Envs) && slices.Equal(a.NetworkVolume.VolumeMounts, b.NetworkVolume.VolumeMounts)
}

// identify tells clients that keep identities which instance it is.
func identify(ctx context.Context, identity *tfsdk.ResourceIdentity, id types.String) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.SetAttribute(ctx, path.Root("id"), id)
}

// orFirst is the first candidate where nothing else is said: this peer tries no other one.
func orFirst(one types.String, many types.List) types.String {
	if all := many.Elements(); one.ValueString() == "" && len(all) > 0 {
		first, _ := all[0].(types.String)
		return first
	}
	return one
}

func always(*api.Instance) bool {
	return true
}

func unfinished(id string, err error) string {
	return fmt.Sprintf("%s\n\nThe instance %s may still exist and cost money.", err, id)
}
