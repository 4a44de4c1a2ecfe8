import {
  to = novita_gpu_instance.notebook
  identity = {
    id = "6c1be0a94d27f3e8"
  }
}
