/* How cells that several of the catalogue's statements select are read. */
#pragma once

#include "messages/schema.h"
#include "storage/values.h"

/* Reads a variant's options (name, value, name, value ...) into pairs, in the arena. */
const struct text_pair *catalog_row_options(struct row *row, struct arena *arena,
                                            size_t *ret_count);
/* Reads two cells: an amount in minor units, then its currency. */
struct money catalog_row_money(struct row *row);
