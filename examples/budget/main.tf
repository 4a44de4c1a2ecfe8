# Rents the cheapest machine in stock that is large enough, unless it costs more than the budget: then the
# plan is refused, before anything is rented.

terraform {
  required_providers {
    novita = {
      source = "novita/novita"
    }
  }
}

# The API key is taken from the environment variable NOVITA_API_KEY.
provider "novita" {}

variable "budget" {
  description = "Most USD per hour for the whole machine."
  type        = number
  default     = 0.5
}

variable "gpu_num" {
  description = "Number of GPUs."
  type        = number
  default     = 1
}

# Products come cheapest first.
data "novita_gpu_products" "fitting" {
  gpu_num            = var.gpu_num
  min_memory_per_gpu = 60
  min_rootfs_size    = 80
}

locals {
  in_stock = [for product in data.novita_gpu_products.fitting.products : product if product.available]

  # When nothing is in stock, plans for a machine that runs already still need a product to look at.
  cheapest = concat(local.in_stock, data.novita_gpu_products.fitting.products)[0]

  # A product's price is for one GPU.
  hourly_price = local.cheapest.hourly_price * var.gpu_num
}

resource "novita_gpu_instance" "worker" {
  name        = "worker"
  product_id  = local.cheapest.id
  gpu_num     = var.gpu_num
  rootfs_size = 80
  image_url   = "docker.io/nvidia/cuda:12.4.1-runtime-ubuntu22.04"
  command     = "sleep infinity"

  lifecycle {
    # Another product that is cheaper tomorrow is no reason to replace the machine.
    ignore_changes = [product_id]

    precondition {
      condition     = local.hourly_price <= var.budget
      error_message = "The cheapest machine costs ${local.hourly_price} USD per hour, which is above the budget of ${var.budget}."
    }
  }
}

output "product" {
  value = novita_gpu_instance.worker.product_name
}

# What the machine costs as long as it runs, in USD per hour.
output "hourly_price" {
  value = novita_gpu_instance.worker.hourly_price
}
