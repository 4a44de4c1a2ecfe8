# An existing key, by its ID in the console.
data "novacloud_ssh_key" "laptop" {
  provider = novita
  id       = "0f7a3c52-5d0e-4a57-9a41-6b1f4a6e2c10"
}

output "fingerprint" {
  value = data.novacloud_ssh_key.laptop.fingerprint
}
