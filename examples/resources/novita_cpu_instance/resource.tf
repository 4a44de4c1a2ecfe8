# A machine without GPUs that prepares data for those that have some.
resource "novita_cpu_instance" "builder" {
  name       = "dataset-builder"
  product_id = "cpu.4c8g"
  image_url  = "docker.io/library/python:3.13-slim"
  command    = "python -m http.server 8080 --directory /workspace"

  # SSH, and the results by HTTPS at an address of its own.
  ports = ["22/tcp", "8080/http"]

  envs = {
    DATASET = "/workspace/dataset"
  }

  # This disk survives a stop. A machine that is stopped is billed for its storage only.
  local_storage_mount_point = "/workspace"
  desired_status            = "running"
}

output "dataset_url" {
  value = one([for it in novita_cpu_instance.builder.port_mappings : it.endpoint if it.port == 8080])
}
