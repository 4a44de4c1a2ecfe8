# All serverless endpoints of the account.
data "novita_endpoints" "all" {}

output "urls" {
  value = { for endpoint in data.novita_endpoints.all.endpoints : endpoint.id => endpoint.url }
}
