# A machine whose container is kept as an image before the machine goes. Terraform 1.16 or newer.

terraform {
  required_version = ">= 1.16"

  required_providers {
    novita = {
      source = "novita/novita"
    }
  }
}

provider "novita" {}

variable "image_url" {
  description = "Image to begin with; later the one that was kept."
  type        = string
  default     = "docker.io/acme/trainer:1.4"
}

variable "kept_image" {
  description = "Where to push the container, with a tag that says which one it is."
  type        = string
  default     = "ghcr.io/acme/trainer:kept"
}

variable "registry_auth_id" {
  description = "The login for that registry, saved in the account."
  type        = string
  default     = "auth-9f21"
}

# Saving from a stopped machine is safe, so stop it before you destroy it: what is being written may be missing.
variable "running" {
  description = "Whether the machine is to run."
  type        = bool
  default     = true
}

resource "novita_gpu_instance" "trainer" {
  product_id     = "4090.16c62g"
  gpu_num        = 1
  rootfs_size    = 60
  image_url      = var.image_url
  desired_status = var.running ? "running" : "stopped"

  lifecycle {
    # If the image cannot be saved, the machine stays; but a whole `terraform destroy` only warns and goes on.
    action_trigger {
      events  = [before_destroy]
      actions = [action.novita_save_image.kept]
    }
  }
}

# While a machine is destroyed its action may know nothing but `caller.id`.
action "novita_save_image" "kept" {
  config {
    instance_id      = caller.id
    image            = var.kept_image
    registry_auth_id = var.registry_auth_id
  }
}
