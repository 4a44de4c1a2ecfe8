# CPU instances that are stopped, of which the disks are still billed.
list "novita_cpu_instance" "stopped" {
  provider = novita

  config {
    status = "exited"
  }
}
