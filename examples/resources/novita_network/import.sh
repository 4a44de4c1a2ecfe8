# The ID is on the network's page in the console.
terraform import novita_network.lab vpc-83aa41d2
