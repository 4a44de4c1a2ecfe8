# The data source and the list resource novita_registry_auth return the ID. The password is taken from the configuration.
terraform import novita_registry_auth.ghcr auth-5d20c4f1
