import {
  # The type's prefix is not the provider's name, here as in the resource.
  provider = novita

  to = novacloud_vm.trainer
  identity = {
    id = "b0c6e0a2-77f1-4b39-8a0d-1f6b1f0f5a11"
  }
}
