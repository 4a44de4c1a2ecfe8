# Rents the cheapest available product that is large enough. If it exceeds the budget, the plan fails before anything is
# rented.

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
  description = "Maximum price of the whole instance in USD per hour."
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

  # If nothing is in stock, plans for an existing instance still need a product.
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
    # A cheaper product must not replace the instance.
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

# USD per hour while the instance exists.
output "hourly_price" {
  value = novita_gpu_instance.worker.hourly_price
}
