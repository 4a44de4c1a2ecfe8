import {
  to = novita_template.trainer
  id = "tpl-58b1e0"
}
