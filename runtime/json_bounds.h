/* Bounds of a JSON text before a parser that recurses and allocates sees it. Pure. */
#pragma once

#include "runtime/text.h"

/* True if the text nests no deeper than `depth_max` and has no more than `values_max` values. It
 * need not be exact, for the parser checks the syntax. */
bool json_is_bounded(struct text text, size_t depth_max, size_t values_max);
