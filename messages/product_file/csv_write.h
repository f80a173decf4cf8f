/* Fields of comma-separated values (RFC 4180), written. Pure. */
#pragma once

#include "runtime/text.h"

/* A field that has a mark of the format in it stands in quotes. */
void csv_write_field(struct text_builder *file, struct text text);
/* The same of a text that people will look at in a spreadsheet, and no program reads back: what
 * would be taken for a formula begins with an apostrophe. */
void csv_write_shown(struct text_builder *file, struct text text);
