# `terraform query` with the list resource novita_image_prewarm returns the ID.
terraform import novita_image_prewarm.model prewarm-3f81b0c2
