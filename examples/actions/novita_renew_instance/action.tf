# Pays for two months more, each time that it runs: terraform apply -invoke=action.novita_renew_instance.trainer
# It is bound to no event on purpose.
action "novita_renew_instance" "trainer" {
  config {
    instance_id = novita_gpu_instance.trainer.id
    months      = 2
  }
}

resource "novita_gpu_instance" "trainer" {
  product_id  = "4090.16c62g"
  gpu_num     = 1
  rootfs_size = 60
  image_url   = "docker.io/acme/trainer:1.4"

  # Prepaid for a month at first.
  month = 1
}
