/* Entity tags (RFC 9110, section 8.8.3). Pure. */
#pragma once

#include <stdbool.h>

#include "messages/values.h"
#include "runtime/arena.h"
#include "runtime/text.h"

/* A strong tag of a body. In the arena. */
struct text entity_tag_of(struct arena *arena, struct text body);
/* A strong tag is one of bytes, so each packed form of what has `tag` has one of its own (section
 * 8.8.3.3). */
struct text entity_tag_of_packed(struct arena *arena, struct text tag, enum coding coding);
/* True if If-None-Match names the tag, compared weakly (section 8.8.3.2) and in any coding:
 * whoever has one form of an answer needs no other. */
bool entity_tag_is_listed(struct text list, struct text tag);
/* What stands between the quotes. */
struct text entity_tag_inside(struct text tag);
