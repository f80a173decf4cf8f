/* Builds values of any schema, for tests that walk all of them. */
#pragma once

#include "messages/schema.h"
#include "runtime/arena.h"

/* MINIMUM: the lower limits, nothing that is optional. EXAMPLE: something in between, one entry
 * each. MAXIMUM: the upper limits, lists of up to SAMPLE_LIST_MAX entries and texts of up to
 * SAMPLE_TEXT_MAX bytes. */
enum sample_kind { SAMPLE_MINIMUM, SAMPLE_EXAMPLE, SAMPLE_MAXIMUM };
enum { SAMPLE_LIST_MAX = 5, SAMPLE_TEXT_MAX = 4096 };

void *sample_make(const struct schema *schema, enum sample_kind kind, struct arena *arena);
/* True when a field of the schema, or of a record in it, has the type. */
bool schema_has_type(const struct schema *schema, enum field_type type);
