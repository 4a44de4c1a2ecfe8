# A budget for plans, for Open Policy Agent and whatever builds on it:
#
#   terraform plan -out=plan.bin && terraform show -json plan.bin > plan.json
#   opa eval --fail-defined --data policy --input plan.json 'data.budget.deny[_]'
#
# Terraform from 1.16 on has the price in the plan. With older Terraform and with OpenTofu a price is known after apply: then
# `data.budget.unknown` names the machines, and a pipeline decides what that means to it.
package budget

import rego.v1

# USD per hour for all machines; the variable of this name in the configuration, if there is one.
default limit := 2

limit := to_number(input.variables.budget.value)

# The attribute that has the price of a machine in USD per hour.
price_of := {
	"novita_gpu_instance": "hourly_price",
	"novita_cpu_instance": "hourly_price",
	"novacloud_vm": "gpu_hourly_rate",
}

# What is there after the plan.
machines := [it |
	some it in input.resource_changes
	it.mode == "managed"
	price_of[it.type]
	it.change.after
]

cost := sum([usd |
	some it in machines
	usd := it.change.after[price_of[it.type]]
	is_number(usd)
])

deny contains message if {
	cost > limit
	message := sprintf("The machines cost %v USD per hour, which is above the budget of %v.", [cost, limit])
}

unknown contains it.address if {
	some it in machines
	it.change.after_unknown[price_of[it.type]] == true
}
