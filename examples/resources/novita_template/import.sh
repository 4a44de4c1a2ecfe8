# The ID is on the template's page in the console.
terraform import novita_template.trainer tpl-58b1e0
