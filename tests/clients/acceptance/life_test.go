// Package acceptance is the provider as HashiCorp's acceptance framework judges it.
//
// Each test is a cell of the table in docs/guides/clients.md. `make clients` builds them into a program and runs that
// against the mock API: the environment names the API, the client, and a mirror that holds the provider.
package acceptance

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

const (
	address = "novita_gpu_instance.this"
	trainer = "docker.io/acme/trainer:1.4"
	newer   = "docker.io/acme/trainer:1.5"
)

var id = tfjsonpath.New("id")

// The framework itself plans again after each step and refuses a plan that is not empty.
func TestCreate(t *testing.T) {
	start(t, resource.TestStep{
		Config:           machine(trainer, 1),
		ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, tfjsonpath.New("status"), knownvalue.StringExact("running")),
			statecheck.ExpectIdentityValueMatchesState(address, id),
		},
	})
}

func TestChangeInPlace(t *testing.T) {
	same := statecheck.CompareValue(compare.ValuesSame())
	start(t,
		resource.TestStep{Config: machine(trainer, 1), ConfigStateChecks: []statecheck.StateCheck{same.AddStateValue(address, id)}},
		resource.TestStep{
			Config:            machine(newer, 1),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{same.AddStateValue(address, id)},
		},
	)
}

func TestReplace(t *testing.T) {
	differ := statecheck.CompareValue(compare.ValuesDiffer())
	start(t,
		resource.TestStep{Config: machine(trainer, 1), ConfigStateChecks: []statecheck.StateCheck{differ.AddStateValue(address, id)}},
		resource.TestStep{
			Config:            machine(trainer, 2),
			ConfigPlanChecks:  planned(plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: []statecheck.StateCheck{differ.AddStateValue(address, id)},
		},
	)
}

func TestImport(t *testing.T) {
	start(t,
		resource.TestStep{Config: machine(trainer, 1)},
		resource.TestStep{
			ResourceName:      address,
			ImportState:       true,
			ImportStateVerify: true,
			// Of no machine, but of how the provider treats it.
			ImportStateVerifyIgnore: []string{"deletion_protection", "wait_for_ready"},
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithID},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
	)
}

func TestList(t *testing.T) {
	start(t,
		resource.TestStep{Config: machine(trainer, 1)},
		resource.TestStep{
			Query:  true,
			Config: "list \"novita_gpu_instance\" \"all\" {\n  provider = novita\n}\n",
			QueryResultChecks: []querycheck.QueryResultCheck{
				querycheck.ExpectLength("novita_gpu_instance.all", 1),
				querycheck.ExpectIdentity("novita_gpu_instance.all", map[string]knownvalue.Check{"id": knownvalue.NotNull()}),
			},
		},
	)
}

func TestDestroy(t *testing.T) {
	start(t,
		resource.TestStep{Config: machine(trainer, 1)},
		resource.TestStep{Config: machine(trainer, 1), Destroy: true, Check: gone},
	)
}

func TestFailedCreate(t *testing.T) {
	start(t,
		resource.TestStep{
			PreConfig:   func() { nextCreateFails(t) },
			Config:      machine(trainer, 1),
			ExpectError: regexp.MustCompile(`manifest\s+unknown`),
		},
		resource.TestStep{
			PreConfig:        func() { expectAlive(t, 1) },
			Config:           machine(trainer, 1),
			ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
			Check:            func(*terraform.State) error { return countAlive(1) },
		},
	)
}

func planned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)},
		PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
	}
}

func TestInstall(t *testing.T) {
	start(t, resource.TestStep{Config: "provider \"novita\" {}\ndata \"novita_clusters\" \"all\" {}\n"})
}
