# The list resource and the data source of this name tell the id. The password comes from the configuration.
terraform import novita_registry_auth.ghcr auth-5d20c4f1
