# Current limits for endpoint settings.
data "novita_endpoint_limits" "now" {}

output "most_workers" {
  value = data.novita_endpoint_limits.now.max_worker_num
}

output "cuda_versions" {
  value = data.novita_endpoint_limits.now.cuda_version_list
}
