# The ID is on the instance's page in the console.
terraform import novita_gpu_instance.notebook 6c1be0a94d27f3e8
