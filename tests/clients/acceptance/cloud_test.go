package acceptance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// Plays the steps, and then makes sure that nothing is left in the cloud.
func start(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	expectAlive(t, 0)
	resource.Test(t, resource.TestCase{
		ExternalProviders: map[string]resource.ExternalProvider{"novita": {Source: "novita/novita"}},
		CheckDestroy:      gone,
		Steps:             steps,
	})
}

func machine(image string, gpus int) string {
	return fmt.Sprintf(`
provider "novita" {
  poll_interval           = "20ms"
  max_requests_per_minute = 0
}

resource "novita_gpu_instance" "this" {
  name        = "trainer"
  product_id  = "4090.16c62g"
  gpu_num     = %d
  rootfs_size = 60
  image_url   = %q
  ports       = ["22/tcp", "8080/http"]
  envs        = { MODE = "train" }
}
`, gpus, image)
}

func gone(*terraform.State) error { return countAlive(0) }

func expectAlive(t *testing.T, expected int) {
	t.Helper()
	if err := countAlive(expected); err != nil {
		t.Fatal(err)
	}
}

// countAlive asks the mock itself how many machines cost money.
func countAlive(expected int) error {
	request, err := http.NewRequest(http.MethodGet, page("alive"), nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var machines []any
	if err := json.NewDecoder(answer.Body).Decode(&machines); err != nil {
		return err
	}
	if len(machines) != expected {
		return fmt.Errorf("%d machines cost money, not %d: %v", len(machines), expected, machines)
	}
	return nil
}

func nextCreateFails(t *testing.T) {
	t.Helper()
	fault := os.Getenv("NOVITA_MOCK_FAULT")
	answer, err := http.Post(page("faults"), "application/json", strings.NewReader(fault))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		t.Fatalf("the mock answers %s to %s", answer.Status, fault)
	}
}

func page(name string) string { return os.Getenv("NOVITA_MOCK") + "/_mock/" + name }
