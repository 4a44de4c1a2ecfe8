# What the configuration asks for, without any API: `terraform test` or `tofu test`.

mock_provider "novita" {
  mock_resource "novacloud_vm" {
    defaults = {
      ip_address  = "203.0.113.7"
      hourly_rate = 0.5
    }
  }
}

run "both_vms_are_reserved_and_protected" {
  command = plan

  assert {
    condition     = toset(keys(novacloud_vm.model)) == toset(["blue", "green"])
    error_message = "There is no pair."
  }

  assert {
    condition     = alltrue([for it in novacloud_vm.model : it.rental_type == "reserved" && it.reservation_months == 1])
    error_message = "The VMs are not reserved for a month."
  }

  assert {
    condition     = alltrue([for it in novacloud_vm.model : it.deletion_protection])
    error_message = "A VM could be destroyed by mistake."
  }
}

run "the_gateway_knows_both" {
  assert {
    condition     = length(regexall("--to http://203.0.113.7:8000", novita_cpu_instance.gateway.command)) == 2
    error_message = "The gateway runs: ${novita_cpu_instance.gateway.command}"
  }

  assert {
    condition     = output.hourly_rate == 1
    error_message = "The price is not that of both: ${output.hourly_rate}"
  }
}
