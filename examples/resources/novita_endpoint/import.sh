# The ID is on the endpoint's page in the console.
terraform import novita_endpoint.images ep-7d20c4
