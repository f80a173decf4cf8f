/* Pictures of a product. Used by product_row.c only. Pure. */
#pragma once

#include "messages/product_file/product_group.h"

/* Adds the pictures of the group's row to the product. */
void product_images_read(struct product_group *group);
/* Puts the pictures into the command, and tells of those that were left out. */
void product_images_finish(struct product_group *group);
