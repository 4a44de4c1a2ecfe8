# The list resource of this name tells the id.
terraform import novita_image_prewarm.model prewarm-3f81b0c2
