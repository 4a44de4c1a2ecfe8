# One budget, guarded in three ways: by a precondition, which stops a plan; by a check, which warns; and by a policy for tools
# that read plans (policy/budget.rego), which a pipeline runs before it applies.

terraform {
  required_providers {
    novita = {
      source  = "novita/novita"
      version = "~> 0.1"
    }
  }
}

# The API key is taken from the environment variable NOVITA_API_KEY.
provider "novita" {}

variable "budget" {
  description = "Maximum total price of all instances in USD per hour."
  type        = number
  default     = 2
}

variable "product_id" {
  description = "ID of the product, from the data source novita_gpu_products."
  type        = string
  default     = "4090.16c62g"
}

variable "workers" {
  description = "Number of instances."
  type        = number
  default     = 2
}

data "novita_gpu_products" "all" {}

locals {
  # Known in every plan, because the catalogue is read first. Null if the catalogue does not list the product.
  hourly_price = one([for it in data.novita_gpu_products.all.products : it.hourly_price if it.id == var.product_id])
}

resource "novita_gpu_instance" "worker" {
  count       = var.workers
  name        = "worker-${count.index}"
  product_id  = var.product_id
  gpu_num     = 1
  rootfs_size = 60
  image_url   = "docker.io/nvidia/cuda:12.4.1-runtime-ubuntu22.04"
  command     = "sleep infinity"

  # Limit for each single instance.
  max_hourly_price = var.budget

  lifecycle {
    precondition {
      condition     = try(local.hourly_price * var.workers <= var.budget, false)
      error_message = "The workers cost ${coalesce(local.hourly_price, 0) * var.workers} USD per hour, which is above the budget of ${var.budget}."
    }
  }
}

# Actual prices of the instances. It only warns.
check "budget" {
  assert {
    condition     = sum([for it in novita_gpu_instance.worker : coalesce(it.hourly_price, 0)]) <= var.budget
    error_message = "The workers cost more than the budget of ${var.budget} USD per hour."
  }
}
