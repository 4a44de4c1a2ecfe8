// The state of an instance, and the request bodies that are made of it.

package provider

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform-provider-novita/internal/api"
)

type instanceModel struct {
	ID                    types.String   `tfsdk:"id"`
	Name                  types.String   `tfsdk:"name"`
	ProductID             types.String   `tfsdk:"product_id"`
	ProductIDs            types.List     `tfsdk:"product_ids"`
	GPUNum                types.Int64    `tfsdk:"gpu_num"`
	RootfsSize            types.Int64    `tfsdk:"rootfs_size"`
	ImageURL              types.String   `tfsdk:"image_url"`
	ImageAuth             types.String   `tfsdk:"image_auth"`
	ImageAuthWO           types.String   `tfsdk:"image_auth_wo"`
	ImageAuthWOVersion    types.Int64    `tfsdk:"image_auth_wo_version"`
	ImageAuthID           types.String   `tfsdk:"image_auth_id"`
	Ports                 types.Set      `tfsdk:"ports"`
	Envs                  types.Map      `tfsdk:"envs"`
	SecretEnvs            types.Map      `tfsdk:"secret_envs"`
	Tools                 types.Set      `tfsdk:"tools"`
	Command               types.String   `tfsdk:"command"`
	Entrypoint            types.String   `tfsdk:"entrypoint"`
	ClusterID             types.String   `tfsdk:"cluster_id"`
	ClusterIDs            types.List     `tfsdk:"cluster_ids"`
	CapacityTimeout       types.String   `tfsdk:"capacity_timeout"`
	NetworkStorages       types.Set      `tfsdk:"network_storages"`
	NetworkID             types.String   `tfsdk:"network_id"`
	DesiredStatus         types.String   `tfsdk:"desired_status"`
	MaxHourlyPrice        types.Float64  `tfsdk:"max_hourly_price"`
	DeletionProtection    types.Bool     `tfsdk:"deletion_protection"`
	WaitForReady          types.Bool     `tfsdk:"wait_for_ready"`
	StoreSSHPassword      types.Bool     `tfsdk:"store_ssh_password"`
	BillingMode           types.String   `tfsdk:"billing_mode"`
	Month                 types.Int64    `tfsdk:"month"`
	AutoRenew             types.Bool     `tfsdk:"auto_renew"`
	AutoRenewMonth        types.Int64    `tfsdk:"auto_renew_month"`
	AutoMigrate           types.Bool     `tfsdk:"auto_migrate"`
	AutoMigrateSystemDisk types.Bool     `tfsdk:"auto_migrate_system_disk"`
	MinCudaVersion        types.String   `tfsdk:"min_cuda_version"`
	Status                types.String   `tfsdk:"status"`
	ClusterName           types.String   `tfsdk:"cluster_name"`
	ProductName           types.String   `tfsdk:"product_name"`
	CreatedAt             types.String   `tfsdk:"created_at"`
	EndTime               types.String   `tfsdk:"end_time"`
	NetworkIP             types.String   `tfsdk:"network_ip"`
	CPUNum                types.Int64    `tfsdk:"cpu_num"`
	Memory                types.Int64    `tfsdk:"memory"`
	HourlyPrice           types.Float64  `tfsdk:"hourly_price"`
	PortMappings          types.List     `tfsdk:"port_mappings"`
	SpotStatus            types.String   `tfsdk:"spot_status"`
	SSHCommand            types.String   `tfsdk:"ssh_command"`
	SSHHost               types.String   `tfsdk:"ssh_host"`
	SSHPort               types.Int64    `tfsdk:"ssh_port"`
	SSHUser               types.String   `tfsdk:"ssh_user"`
	SSHPassword           types.String   `tfsdk:"ssh_password"`
	JupyterURL            types.String   `tfsdk:"jupyter_url"`
	Timeouts              timeouts.Value `tfsdk:"timeouts"`
}

type storageModel struct {
	ID         types.String `tfsdk:"id"`
	MountPoint types.String `tfsdk:"mount_point"`
}

type toolModel struct {
	Name types.String `tfsdk:"name"`
	Port types.Int64  `tfsdk:"port"`
	Type types.String `tfsdk:"type"`
}

type portMappingModel struct {
	Port     types.Int64  `tfsdk:"port"`
	Type     types.String `tfsdk:"type"`
	Endpoint types.String `tfsdk:"endpoint"`
}

var (
	storageType     = types.ObjectType{AttrTypes: map[string]attr.Type{"id": types.StringType, "mount_point": types.StringType}}
	toolType        = types.ObjectType{AttrTypes: map[string]attr.Type{"name": types.StringType, "port": types.Int64Type, "type": types.StringType}}
	portMappingType = types.ObjectType{AttrTypes: map[string]attr.Type{"port": types.Int64Type, "type": types.StringType, "endpoint": types.StringType}}
)

// settings are those lists and maps of a model that calls need, in Go's own types and a fixed order.
type settings struct {
	ports    []api.Port
	envs     []api.Env
	tools    []toolModel
	storages []storageModel
}

func (m *instanceModel) settings(ctx context.Context) (settings, diag.Diagnostics) {
	var diags diag.Diagnostics
	var it settings
	var ports []string
	var envs, secretEnvs map[string]string
	diags.Append(m.Ports.ElementsAs(ctx, &ports, false)...)
	diags.Append(m.Envs.ElementsAs(ctx, &envs, false)...)
	diags.Append(m.SecretEnvs.ElementsAs(ctx, &secretEnvs, false)...)
	diags.Append(m.Tools.ElementsAs(ctx, &it.tools, false)...)
	diags.Append(m.NetworkStorages.ElementsAs(ctx, &it.storages, false)...)
	it.ports = parsePorts(ports)
	for _, some := range []map[string]string{envs, secretEnvs} {
		for key, value := range some {
			it.envs = append(it.envs, api.Env{Key: key, Value: value})
		}
	}
	slices.SortFunc(it.envs, func(a, b api.Env) int { return strings.Compare(a.Key, b.Key) })
	slices.SortFunc(it.storages, func(a, b storageModel) int {
		return strings.Compare(a.ID.ValueString()+" "+a.MountPoint.ValueString(), b.ID.ValueString()+" "+b.MountPoint.ValueString())
	})
	return it, diags
}

// parsePorts reads what a validator has checked before.
func parsePorts(texts []string) []api.Port {
	ports := []api.Port{}
	for _, text := range texts {
		if port, err := parsePort(text); err == nil {
			ports = append(ports, port)
		}
	}
	slices.SortFunc(ports, func(a, b api.Port) int { return int(a.Port - b.Port) })
	return ports
}

// createBody is what the create call takes. The write-only login comes from the configuration.
func (m *instanceModel) createBody(it settings, writeOnlyLogin string) api.NewInstance {
	body := api.NewInstance{
		Name:           m.Name.ValueString(),
		ProductID:      m.ProductID.ValueString(),
		GPUNum:         m.GPUNum.ValueInt64(),
		RootfsSize:     m.RootfsSize.ValueInt64(),
		ImageURL:       m.ImageURL.ValueString(),
		ImageAuth:      m.ImageAuth.ValueString() + writeOnlyLogin, // one of them is empty
		ImageAuthID:    m.ImageAuthID.ValueString(),
		Envs:           it.envs,
		Command:        m.Command.ValueString(),
		Entrypoint:     m.Entrypoint.ValueString(),
		ClusterID:      m.ClusterID.ValueString(),
		NetworkID:      m.NetworkID.ValueString(),
		Kind:           "gpu",
		Month:          m.Month.ValueInt64(),
		BillingMode:    m.BillingMode.ValueString(),
		AutoRenew:      m.AutoRenew.ValueBool(),
		AutoRenewMonth: m.AutoRenewMonth.ValueInt64(),
		MinCudaVersion: m.MinCudaVersion.ValueString(),
	}
	var ports []string
	for _, port := range it.ports {
		ports = append(ports, fmt.Sprintf("%d/%s", port.Port, port.Type))
	}
	body.Ports = strings.Join(ports, ", ")
	for _, tool := range it.tools {
		port := strconv.FormatInt(tool.Port.ValueInt64(), 10)
		body.Tools = append(body.Tools, api.NewTool{Name: tool.Name.ValueString(), Port: port, Type: tool.Type.ValueString()})
	}
	for _, storage := range it.storages {
		body.NetworkStorages = append(body.NetworkStorages, api.NewStorage{ID: storage.ID.ValueString(), MountPoint: storage.MountPoint.ValueString()})
	}
	return body
}

// upgradeBody is what the upgrade call takes, which is everything it can change.
func (m *instanceModel) upgradeBody(it settings) api.Upgrade {
	mounts := []api.VolumeMount{}
	for _, storage := range it.storages {
		mounts = append(mounts, api.VolumeMount{Type: "network", ID: storage.ID.ValueString(), MountPath: storage.MountPoint.ValueString()})
	}
	return api.Upgrade{
		InstanceID:    m.ID.ValueString(),
		ImageURL:      m.ImageURL.ValueString(),
		ImageAuthID:   m.ImageAuthID.ValueString(),
		Envs:          append([]api.Env{}, it.envs...),
		Command:       m.Command.ValueString(),
		Entrypoint:    m.Entrypoint.ValueString(),
		Save:          true,
		NetworkVolume: api.NetworkVolume{VolumeMounts: mounts},
	}
}

// uniqueName makes a name by which an instance can be found in the console.
func uniqueName() string {
	return "tf-" + time.Now().UTC().Format("20060102-150405") + "-" + strings.ToLower(rand.Text()[:8])
}
