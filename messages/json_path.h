/* Where in a JSON text something stands, for faults that the parser only gives a position of. Pure.
 */
#pragma once

#include "messages/validate.h"

/* The pointer (RFC 6901) of the member or entry that the text before `end` has last begun. Names
 * are taken as they are written, with their escapes. The text nests no deeper than JSON_DEPTH_MAX
 * and is well-formed up to there, else the path means nothing. */
void json_path_at(struct text json, size_t end, struct field_path *ret_path);
