# The saved registry logins whose names begin with "registry.".
data "novita_registry_auths" "own" {
  name_prefix = "registry."
}

output "registry_auths" {
  description = "For `image_auth_id` of an instance, by user."
  value       = { for login in data.novita_registry_auths.own.registry_auths : login.username => login.id }
}
