# An endpoint that was made elsewhere, by its exact name. `id` finds it too.
data "novita_endpoint" "llm" {
  name = "llm"
}

output "llm_url" {
  value = data.novita_endpoint.llm.url
}
