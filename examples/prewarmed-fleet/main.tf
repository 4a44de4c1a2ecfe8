# A fleet of equal instances whose image is pulled to the nodes of their cluster first.

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

variable "workers" {
  description = "Number of instances."
  type        = number
  default     = 3
}

variable "image_url" {
  description = "Image with registry and tag."
  type        = string
  default     = "docker.io/vllm/vllm-openai:v0.8.5"
}

variable "cluster_id" {
  description = "ID of the cluster, from the data source novita_clusters."
  type        = string
  default     = "7"
}

locals {
  product_ids = ["4090.16c62g"]
}

resource "novita_image_prewarm" "fleet" {
  image_url   = var.image_url
  cluster_id  = var.cluster_id
  product_ids = local.product_ids
  note        = "for the fleet"
}

resource "novita_gpu_instance" "worker" {
  count       = var.workers
  name        = "worker-${count.index}"
  product_ids = local.product_ids
  cluster_id  = var.cluster_id
  gpu_num     = 1
  rootfs_size = 100
  image_url   = novita_image_prewarm.fleet.image_url

  # Created after the image is pulled to the nodes.
  depends_on = [novita_image_prewarm.fleet]
}

output "image_size_bytes" {
  value = novita_image_prewarm.fleet.image_size_bytes
}

output "hourly_price" {
  description = "USD per hour for all instances."
  value       = sum([for it in novita_gpu_instance.worker : it.hourly_price])
}
