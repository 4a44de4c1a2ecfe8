# The login is read when it is needed, and is in no plan and no state.
ephemeral "novita_instance_access" "trainer" {
  instance_id = novita_gpu_instance.trainer.id
}

resource "novita_gpu_instance" "trainer" {
  product_id  = "4090.16c62g"
  gpu_num     = 1
  rootfs_size = 60
  image_url   = "docker.io/acme/trainer:1.4"
  ports       = ["22/tcp"]

  # Without this line the password is in the state, too.
  store_ssh_password = false
}

# Once for each new instance.
resource "terraform_data" "prepared" {
  triggers_replace = novita_gpu_instance.trainer.id

  connection {
    type     = "ssh"
    host     = ephemeral.novita_instance_access.trainer.host
    port     = ephemeral.novita_instance_access.trainer.port
    user     = ephemeral.novita_instance_access.trainer.user
    password = ephemeral.novita_instance_access.trainer.ssh_password
  }

  provisioner "remote-exec" {
    inline = ["nvidia-smi"]
  }
}
