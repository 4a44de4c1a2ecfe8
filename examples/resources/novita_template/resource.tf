# A template for the console. Instances copy its settings.
resource "novita_template" "trainer" {
  name        = "trainer"
  image       = "docker.io/acme/trainer:1.4"
  rootfs_size = 60
  readme      = "Trains on what `/network` holds."

  ports         = ["8080/http", "22/tcp"]
  start_command = "python run.py"

  envs = {
    MODE = "train"
  }
}
