# By hand: terraform apply -invoke=action.novita_save_image.trainer
action "novita_save_image" "trainer" {
  config {
    instance_id = novita_gpu_instance.trainer.id
    image       = "ghcr.io/acme/trainer:${var.tag}"

    # The login for the registry, saved in the account.
    registry_auth_id = "auth-9f21"
  }
}

variable "tag" {
  description = "Tag of the image."
  type        = string
  default     = "2026-01-05"
}

resource "novita_gpu_instance" "trainer" {
  product_id  = "4090.16c62g"
  gpu_num     = 1
  rootfs_size = 60
  image_url   = "docker.io/acme/trainer:1.4"

  # The vendor advises to save from a stopped instance: what is being written may be missing in the image.
  desired_status = "stopped"
}
