# What the settings of an endpoint may be at present.
data "novita_endpoint_limits" "now" {}

output "most_workers" {
  value = data.novita_endpoint_limits.now.max_worker_num
}

output "cuda_versions" {
  value = data.novita_endpoint_limits.now.cuda_version_list
}
