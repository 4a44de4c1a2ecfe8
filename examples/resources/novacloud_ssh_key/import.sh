# The ID is in the list of keys in the console.
terraform import novacloud_ssh_key.laptop 4e1d9f0c-6a2b-4c37-9f58-2d7b0a6c1e44
