# An existing endpoint, by its exact name. Use `id` otherwise.
data "novita_endpoint" "llm" {
  name = "llm"
}

output "llm_url" {
  value = data.novita_endpoint.llm.url
}
