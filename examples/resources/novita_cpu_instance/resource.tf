# A file server for data sets.
resource "novita_cpu_instance" "builder" {
  name       = "dataset-builder"
  product_id = "cpu.4c8g" # from the data source novita_cpu_products
  image_url  = "docker.io/library/python:3.13-slim"
  command    = "python -m http.server 8080 --directory /workspace"

  # SSH, and the files by HTTPS.
  ports = ["22/tcp", "8080/http"]

  envs = {
    DATASET = "/workspace/dataset"
  }

  local_storage_mount_point = "/workspace"

  # "stopped" stops the instance; only its storage is billed then.
  desired_status = "running"
}

output "dataset_url" {
  value = one([for it in novita_cpu_instance.builder.port_mappings : it.endpoint if it.port == 8080])
}
