/* Yes and no, as files of many languages say it. Pure. */
#pragma once

#include "runtime/arena.h"
#include "runtime/text.h"

/* Reads a word for yes or no; its case does not count. Statuses: OK, MALFORMED (none that is
 * known).
 */
MUST_CHECK enum status truth_read(struct arena *arena, struct text word, bool *ret_truth);
/* The same of where a product stands: true if shoppers are to see it. */
MUST_CHECK enum status truth_read_standing(struct arena *arena, struct text word, bool *ret_truth);
