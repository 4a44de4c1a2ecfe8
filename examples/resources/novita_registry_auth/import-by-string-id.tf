import {
  to = novita_registry_auth.ghcr
  id = "auth-5d20c4f1"
}
