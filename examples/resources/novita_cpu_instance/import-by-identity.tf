import {
  to = novita_cpu_instance.builder
  identity = {
    id = "6c1be0a94d27f3e8"
  }
}
