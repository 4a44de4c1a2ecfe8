# By hand, when its node has a fault: terraform apply -invoke=action.novita_migrate_instance.trainer
action "novita_migrate_instance" "trainer" {
  config {
    instance_id = novita_gpu_instance.trainer.id

    # What is on the system disk and the local disk is lost.
    accept_data_loss = true
  }
}

resource "novita_gpu_instance" "trainer" {
  product_id  = "4090.16c62g"
  gpu_num     = 1
  rootfs_size = 60
  image_url   = "docker.io/acme/trainer:1.4"
}
