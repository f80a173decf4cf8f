/* struct <-> msgpack, by table. A struct is a map from field names to values, so N and N-1
 * understand each other: unknown names are skipped, absent optional fields, empty lists and empty
 * maps are not written.
 *
 * bool: bool · int, time: integer · text: str · bytes, id: bin (16 bytes for an id) · money:
 * [amount, "EUR"] · enum: its name as str · record, map: map · list: array. */
#pragma once

#include "messages/schema.h"
#include "runtime/arena.h"

enum { MSGPACK_DEPTH_MAX = 16 };

/* Encodes into the arena. Statuses: OK, OUT_OF_RANGE (more than `limit` bytes, a list over its
 * bound), INVALID_VALUE (an enum that is none). Other limits are the receiver's check. */
MUST_CHECK enum status msgpack_encode(const struct schema *schema, const void *value,
                                      struct arena *arena, size_t limit, struct text *ret_bytes);

/* Decodes and validates. Texts and bytes are views into `bytes`, which must outlive the value;
 * lists are in the arena. Memory is bounded by the input: an announced length is believed only if
 * so many bytes are there. ret_value (schema->size bytes) is cleared first and is scratch when the
 * status is not OK. Statuses: OK, MALFORMED (truncated, trailing bytes, no map, nested beyond
 * MSGPACK_DEPTH_MAX), WRONG_TYPE, MISSING_FIELD, DUPLICATE_FIELD, OUT_OF_RANGE, INVALID_VALUE. */
MUST_CHECK enum status msgpack_decode(const struct schema *schema, struct text bytes,
                                      struct arena *arena, void *ret_value);
