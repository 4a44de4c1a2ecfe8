// What an answer of the API means for the state. What the API leaves out keeps its value, and an empty
// text or list means the same as none, so that a plan after an apply is empty.

package provider

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform-provider-novita/internal/api"
)

// priceOfGPU stands for a price of the catalogue, which this peer does not read.
const priceOfGPU = 0.35

// sshForm is the command of a running instance.
var sshForm = regexp.MustCompile(`^ssh -p ([0-9]+) ([^@\s]+)@([^@\s]+)$`)

// refresh takes over what the API says of an instance.
func (m *instanceModel) refresh(ctx context.Context, it *api.Instance) diag.Diagnostics {
	imported := m.ImageURL.IsNull() // required, so a state without it knows the id alone
	if imported {
		m.takeDefaults()
	}
	m.ID = types.StringValue(it.ID)
	takeText(&m.Name, it.Name)
	takeText(&m.ProductID, it.ProductID)
	takeNumber(&m.GPUNum, it.GPUNum)
	if size := int64(it.RootfsSize); m.RootfsSize.IsNull() || size < m.RootfsSize.ValueInt64() {
		takeNumber(&m.RootfsSize, it.RootfsSize) // a larger disk is left alone
	}
	takeText(&m.ImageURL, it.ImageURL)
	mirrorText(&m.ImageAuthID, it.ImageAuthID)
	mirrorText(&m.Command, it.Command)
	mirrorText(&m.Entrypoint, it.Entrypoint)
	takeText(&m.ClusterID, it.ClusterID)
	takeText(&m.ClusterName, it.ClusterName)
	takeText(&m.ProductName, it.ProductName)
	takeText(&m.CreatedAt, it.CreatedAt.Moment())
	takeNumber(&m.CPUNum, it.CPUNum)
	takeNumber(&m.Memory, it.Memory)
	takeText(&m.BillingMode, billingMode(it))
	mirrorText(&m.NetworkID, it.Network.ID)
	m.NetworkIP = textOrNull(it.Network.IP)
	m.Status = textOrNull(it.Status)
	m.EndTime = textOrNull(it.EndTime.Moment())
	m.SpotStatus = textOrNull(it.SpotStatus)
	m.takeSSH(it.SSHConnection)
	m.JupyterURL = textOrNull(it.Jupyter.Address)
	if m.HourlyPrice.IsUnknown() || imported {
		m.HourlyPrice = types.Float64Value(priceOfGPU * float64(m.GPUNum.ValueInt64()))
	}
	m.takePower(it.Status)

	var diags diag.Diagnostics
	if it.Status != "" {
		diags.Append(m.takeTools(ctx, it)...)
		diags.Append(m.takeStorages(ctx, it)...)
		diags.Append(m.takeEnvs(ctx, it, imported)...)
	}
	diags.Append(m.takePorts(ctx, it, imported)...)
	return diags
}

// takeDefaults fills in what the API never tells.
func (m *instanceModel) takeDefaults() {
	m.DeletionProtection = types.BoolValue(false)
	m.WaitForReady = types.BoolValue(true)
	m.StoreSSHPassword = types.BoolValue(true)
	m.AutoRenew = types.BoolValue(false)
	m.Month = types.Int64Value(0)
}

// takeSSH takes the command apart, for those who want only the host or the port of it.
func (m *instanceModel) takeSSH(it api.SSH) {
	m.SSHCommand = textOrNull(it.Command)
	m.SSHHost, m.SSHPort, m.SSHUser = types.StringNull(), types.Int64Null(), types.StringNull()
	if parts := sshForm.FindStringSubmatch(it.Command); parts != nil {
		if port, err := strconv.ParseUint(parts[1], 10, 16); err == nil {
			m.SSHHost, m.SSHPort, m.SSHUser = types.StringValue(parts[3]), types.Int64Value(int64(port)), types.StringValue(parts[2])
		}
	}
	m.SSHPassword = types.StringNull()
	if m.StoreSSHPassword.ValueBool() {
		m.SSHPassword = textOrNull(it.Password)
	}
}

// takePower shows in a managed power state what really is.
func (m *instanceModel) takePower(status string) {
	if m.DesiredStatus.IsNull() {
		return
	}
	switch status {
	case api.Running:
		m.DesiredStatus = types.StringValue("running")
	case api.Exited:
		m.DesiredStatus = types.StringValue("stopped")
	}
}

func (m *instanceModel) takeTools(ctx context.Context, it *api.Instance) diag.Diagnostics {
	var tools []toolModel
	for _, tool := range it.Tools {
		tools = append(tools, toolModel{types.StringValue(tool.Name), types.Int64Value(int64(tool.Port)), types.StringValue(tool.Type)})
	}
	if it.Tools == nil {
		return nil // left out by the API, which is not the same as none
	}
	return mirrorSet(ctx, &m.Tools, toolType, tools)
}

func (m *instanceModel) takeStorages(ctx context.Context, it *api.Instance) diag.Diagnostics {
	var storages []storageModel
	for _, mount := range it.VolumeMounts {
		if mount.Type == "network" {
			storages = append(storages, storageModel{types.StringValue(mount.ID), types.StringValue(mount.MountPath)})
		}
	}
	return mirrorSet(ctx, &m.NetworkStorages, storageType, storages)
}

// takeEnvs takes over the variables that are configured; the platform may have added others. After an
// import all of them go to `envs`.
func (m *instanceModel) takeEnvs(ctx context.Context, it *api.Instance, imported bool) diag.Diagnostics {
	shown := map[string]string{}
	for _, env := range it.Envs {
		shown[env.Key] = env.Value
	}
	if imported && len(shown) > 0 {
		envs, diags := types.MapValueFrom(ctx, types.StringType, shown)
		m.Envs = envs
		return diags
	}
	diags := takeKnownEnvs(&m.Envs, shown)
	diags.Append(takeKnownEnvs(&m.SecretEnvs, shown)...)
	return diags
}

func takeKnownEnvs(envs *types.Map, shown map[string]string) diag.Diagnostics {
	if envs.IsNull() || envs.IsUnknown() {
		return nil
	}
	kept := map[string]attr.Value{}
	for key := range envs.Elements() {
		if value, ok := shown[key]; ok {
			kept[key] = types.StringValue(value)
		}
	}
	value, diags := types.MapValue(types.StringType, kept)
	*envs = value
	return diags
}

// takePorts takes over the open ports. An instance that does not run may show only some of them, so
// nothing is learnt of `ports` then.
func (m *instanceModel) takePorts(ctx context.Context, it *api.Instance, imported bool) diag.Diagnostics {
	var diags diag.Diagnostics
	open := ownPorts(it, nil)
	mappings := []portMappingModel{}
	for _, port := range open {
		mappings = append(mappings, portMappingModel{types.Int64Value(int64(port.Port)), types.StringValue(port.Type), textOrNull(port.Endpoint)})
	}
	list, listed := types.ListValueFrom(ctx, portMappingType, mappings)
	diags.Append(listed...)
	m.PortMappings = list
	if it.Status == api.Running || it.Status == api.Exited && len(open) > 0 || imported {
		var tools []toolModel
		diags.Append(m.Tools.ElementsAs(ctx, &tools, false)...)
		var ports []string
		for _, port := range ownPorts(it, tools) {
			ports = append(ports, fmt.Sprintf("%d/%s", port.Port, port.Type))
		}
		diags.Append(mirrorSet(ctx, &m.Ports, types.StringType, ports)...)
	}
	return diags
}

// ownPorts are the open ports in order, without those of the platform and of tools.
func ownPorts(it *api.Instance, tools []toolModel) []api.PortMapping {
	open := slices.DeleteFunc(slices.Clone(it.PortMappings), func(port api.PortMapping) bool {
		ofTool := slices.ContainsFunc(tools, func(tool toolModel) bool { return tool.Port.ValueInt64() == int64(port.Port) })
		return isReserved(int64(port.Port)) || ofTool
	})
	slices.SortFunc(open, func(a, b api.PortMapping) int { return int(a.Port - b.Port) })
	return open
}

// billingMode is the mode that an answer tells; an empty one means by use.
func billingMode(it *api.Instance) string {
	if it.BillingMode == "" && it.Status != "" {
		return onDemand
	}
	return it.BillingMode
}

func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// takeText takes an answer over, where there is one.
func takeText(value *types.String, answer string) {
	if answer != "" || value.IsUnknown() {
		*value = textOrNull(answer)
	}
}

func takeNumber(value *types.Int64, answer api.Number) {
	if answer != 0 {
		*value = types.Int64Value(int64(answer))
	} else if value.IsUnknown() {
		*value = types.Int64Null()
	}
}

// mirrorText takes an answer over, an empty one too; but "" and null mean the same.
func mirrorText(value *types.String, answer string) {
	if answer != value.ValueString() {
		*value = textOrNull(answer)
	}
}

// mirrorSet takes an answer over, an empty one too; but an empty set and null mean the same.
func mirrorSet[T any](ctx context.Context, value *types.Set, element attr.Type, answer []T) diag.Diagnostics {
	if len(answer) == 0 && len(value.Elements()) == 0 {
		return nil
	}
	set, diags := types.SetValueFrom(ctx, element, answer)
	*value = set
	return diags
}
