# The ID is on the storage's page in the console.
terraform import novita_network_storage.data st-0c9e3a71
