# The saved logins for one registry, by the host that begins their names.
list "novita_registry_auth" "ghcr" {
  provider = novita

  config {
    name_prefix = "ghcr.io"
  }
}
