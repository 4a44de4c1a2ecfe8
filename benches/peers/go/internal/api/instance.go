// The calls about instances: what is sent, and what comes back. Answers are read leniently, since the
// API writes some numbers as texts. Renewal, migration and saving of images are left out.

package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Env is an environment variable.
type Env struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Port is a port as the edit call takes it.
type Port struct {
	Port int64  `json:"port"`
	Type string `json:"type"`
}

// NewTool is a tool as the create call takes it, its port being a text.
type NewTool struct {
	Name string `json:"name"`
	Port string `json:"port"`
	Type string `json:"type"`
}

// NewStorage is a network storage as the create call takes it.
type NewStorage struct {
	ID         string `json:"Id"`
	MountPoint string `json:"mountPoint"`
}

// NewInstance is the body of the create call.
type NewInstance struct {
	Name            string       `json:"name"`
	ProductID       string       `json:"productId"`
	GPUNum          int64        `json:"gpuNum"`
	RootfsSize      int64        `json:"rootfsSize"`
	ImageURL        string       `json:"imageUrl"`
	ImageAuth       string       `json:"imageAuth,omitempty"`
	ImageAuthID     string       `json:"imageAuthId,omitempty"`
	Ports           string       `json:"ports,omitempty"`
	Envs            []Env        `json:"envs,omitempty"`
	Tools           []NewTool    `json:"tools,omitempty"`
	Command         string       `json:"command,omitempty"`
	Entrypoint      string       `json:"entrypoint,omitempty"`
	ClusterID       string       `json:"clusterId,omitempty"`
	NetworkStorages []NewStorage `json:"networkStorages,omitempty"`
	NetworkID       string       `json:"networkId,omitempty"`
	Kind            string       `json:"kind"`
	Month           int64        `json:"month"`
	BillingMode     string       `json:"billingMode,omitempty"`
	AutoRenew       bool         `json:"autoRenew,omitempty"`
	AutoRenewMonth  int64        `json:"autoRenewMonth,omitempty"`
	MinCudaVersion  string       `json:"minCudaVersion,omitempty"`
}

// Upgrade is the body of the upgrade call, which always takes all of it.
type Upgrade struct {
	InstanceID    string        `json:"instanceId"`
	ImageURL      string        `json:"imageUrl"`
	ImageAuthID   string        `json:"imageAuthId"`
	Envs          []Env         `json:"envs"`
	Command       string        `json:"command"`
	Entrypoint    string        `json:"entrypoint"`
	Save          bool          `json:"save"`
	NetworkVolume NetworkVolume `json:"networkVolume"`
}

// NetworkVolume holds the network storages of an upgrade.
type NetworkVolume struct {
	VolumeMounts []VolumeMount `json:"volumeMounts"`
}

// VolumeMount is a mounted storage.
type VolumeMount struct {
	Type      string `json:"type"`
	ID        string `json:"id"`
	MountPath string `json:"mountPath"`
}

// Instance is what the API says of an instance.
type Instance struct {
	ID            string        `json:"id"`
	Name          string        `json:"name"`
	ClusterID     string        `json:"clusterId"`
	ClusterName   string        `json:"clusterName"`
	Status        string        `json:"status"`
	StatusError   StatusError   `json:"statusError"`
	ImageURL      string        `json:"imageUrl"`
	ImageAuthID   string        `json:"imageAuthId"`
	Command       string        `json:"command"`
	Entrypoint    string        `json:"entrypoint"`
	CPUNum        Number        `json:"cpuNum"`
	Memory        Number        `json:"memory"`
	GPUNum        Number        `json:"gpuNum"`
	RootfsSize    Number        `json:"rootfsSize"`
	Kind          string        `json:"kind"`
	BillingMode   string        `json:"billingMode"`
	EndTime       Number        `json:"endTime"`
	CreatedAt     Number        `json:"createdAt"`
	ProductID     string        `json:"productId"`
	ProductName   string        `json:"productName"`
	PortMappings  []PortMapping `json:"portMappings"`
	Envs          []Env         `json:"envs"`
	Tools         []Tool        `json:"tools"`
	VolumeMounts  []VolumeMount `json:"volumeMounts"`
	Network       Network       `json:"network"`
	SpotStatus    string        `json:"spotStatus"`
	SSHConnection SSH           `json:"connectComponentSSH"`
	Jupyter       Jupyter       `json:"connectComponentJupyter"`
}

// StatusError tells why the last change of status failed, if it did.
type StatusError struct {
	State   string `json:"state"`
	Message string `json:"message"`
}

// PortMapping is an open port with its public address.
type PortMapping struct {
	Port     Number `json:"port"`
	Endpoint string `json:"endpoint"`
	Type     string `json:"type"`
}

// Tool is a started tool.
type Tool struct {
	Name string `json:"name"`
	Port Number `json:"port"`
	Type string `json:"type"`
}

// Network is the VPC network that an instance has joined.
type Network struct {
	ID string `json:"id"`
	IP string `json:"ip"`
}

// SSH is the access by SSH.
type SSH struct {
	Command  string `json:"sshCommand"`
	Password string `json:"password"`
}

// Jupyter is the access to Jupyter.
type Jupyter struct {
	Address string `json:"address"`
}

// Number is a whole number that may be written as a text; 0 when there is none.
type Number int64

// UnmarshalJSON reads a number, a text with a number, an empty text, or null.
func (n *Number) UnmarshalJSON(input []byte) error {
	text := string(input)
	if input[0] == '"' {
		if err := json.Unmarshal(input, &text); err != nil {
			return err
		}
	}
	if text == "" || text == "null" {
		*n = 0
		return nil
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return fmt.Errorf("%q is not a number", text)
	}
	*n = Number(number)
	return nil
}

// Moment is the number, read as seconds since 1970, in RFC 3339; empty when it is not above 0.
func (n Number) Moment() string {
	if n <= 0 {
		return ""
	}
	return time.Unix(int64(n), 0).UTC().Format(time.RFC3339)
}

// Create rents an instance and returns its id.
func (c *Client) Create(ctx context.Context, instance NewInstance) (string, error) {
	var created struct {
		ID string `json:"id"`
	}
	if err := c.post(ctx, "/gpu/instance/create", instance, &created); err != nil {
		return "", err
	}
	if created.ID == "" {
		return "", fmt.Errorf("POST /gpu/instance/create: the answer has no id; look in the console whether there is a new instance")
	}
	return created.ID, nil
}

// Get reads an instance. One that is gone is an error for which IsNotFound is true.
func (c *Client) Get(ctx context.Context, id string) (*Instance, error) {
	const path = "/gpu/instance"
	var instance Instance
	if err := c.get(ctx, path, url.Values{"instanceId": {id}}, &instance); err != nil {
		return nil, err
	}
	if instance.ID == "" || instance.Status == Removed {
		return nil, &Error{Request: "GET " + path, Status: http.StatusNotFound, Message: "there is no instance " + id}
	}
	return &instance, nil
}

// Start starts a stopped instance.
func (c *Client) Start(ctx context.Context, id string) error {
	return c.act(ctx, "/gpu/instance/start", id)
}

// Stop stops a running instance.
func (c *Client) Stop(ctx context.Context, id string) error {
	return c.act(ctx, "/gpu/instance/stop", id)
}

// Delete removes an instance. One that is gone already is a success.
func (c *Client) Delete(ctx context.Context, id string) error {
	err := c.act(ctx, "/gpu/instance/delete", id)
	if IsNotFound(err) {
		return nil
	}
	return err
}

// Edit sets the whole list of ports and adds to the disk (in GB).
func (c *Client) Edit(ctx context.Context, id string, ports []Port, growth int64) error {
	body := map[string]any{"instanceId": id, "ports": ports, "expandRootDisk": growth}
	return c.post(ctx, "/gpu/instance/edit", body, nil)
}

// Upgrade resets the container with other settings.
func (c *Client) Upgrade(ctx context.Context, upgrade Upgrade) error {
	return c.post(ctx, "/gpu/instance/upgrade", upgrade, nil)
}

func (c *Client) act(ctx context.Context, path, id string) error {
	return c.post(ctx, path, map[string]string{"instanceId": id}, nil)
}
