import {
  # The type's prefix is not the provider's name, here as in the resource.
  provider = novita

  to = novacloud_ssh_key.laptop
  identity = {
    id = "4e1d9f0c-6a2b-4c37-9f58-2d7b0a6c1e44"
  }
}
