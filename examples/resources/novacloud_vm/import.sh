# The ID is on the VM's page in the console. An import block needs `provider = novita`, like the resource.
terraform import novacloud_vm.trainer b0c6e0a2-77f1-4b39-8a0d-1f6b1f0f5a11
