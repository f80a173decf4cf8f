/* How cells that several of the catalogue's statements select are read. */
#pragma once

#include "storage/values.h"

/* Reads two cells: an amount in minor units, then its currency. */
struct money catalog_row_money(struct row *row);
