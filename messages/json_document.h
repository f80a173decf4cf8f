/* JSON that strangers wrote, parsed within bounds. Not for a fiber's stack: for pool threads. */
#pragma once

#include <jansson.h>

#include "runtime/arena.h"
#include "runtime/base.h"
#include "runtime/text.h"

enum { JSON_DOCUMENT_DEPTH_MAX = 16, JSON_DOCUMENT_VALUES_MAX = 4096 };

/* For CLEANUP(). */
void json_document_release(json_t **json);
/* The object that a text is: one, whole, in UTF-8, no member twice. The caller releases it.
 * Statuses: OK, MALFORMED. */
MUST_CHECK enum status json_document_read(struct text text, json_t **ret_object);
/* The same of a long list, which may have more values. Statuses as above. */
MUST_CHECK enum status json_document_read_long(struct text text, size_t values_max,
                                               json_t **ret_object);
/* Copies a member that is a text of at most `length_max` bytes. Statuses: OK, NOT_FOUND (there is
 * none, or it is null), MALFORMED (it is something else, or longer). */
MUST_CHECK enum status json_document_text(const json_t *object, const char *name, size_t length_max,
                                          struct arena *arena, struct text *ret_text);
/* True if a member is an array that has this text. */
bool json_document_lists(const json_t *object, const char *name, struct text text);
