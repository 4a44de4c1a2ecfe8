# The ID is on the instance's page in the console.
terraform import novita_cpu_instance.builder 6c1be0a94d27f3e8
