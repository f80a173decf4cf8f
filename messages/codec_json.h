/* struct <-> JSON, by table: read strictly through jansson, written straight from the tables. */
#pragma once

#include "messages/schema.h"
#include "messages/validate.h"
#include "runtime/arena.h"

enum {
    JSON_DEPTH_MAX = 16,    /* brackets inside brackets */
    JSON_VALUES_MAX = 65536 /* values in one body: bounds what the parser allocates */
};

/* Decodes a body of at most 1 MiB (the caller has checked) and validates it. Path and header fields
 * are left as they are and refused as unknown in the body. An empty body reads as {}. null is a
 * wrong type, also for optional fields. Texts are copied into the arena. The caller zeroes
 * ret_value; it is scratch when the status is not OK. Every fault that can be named is added to
 * ret_faults (which the caller zeroes; NULL is fine); the first is returned. Statuses: OK,
 * INVALID_JSON (also nested too deep, many more values than the schema has), DUPLICATE_FIELD,
 * UNKNOWN_FIELD, WRONG_TYPE, MISSING_FIELD, OUT_OF_RANGE (also integers beyond 64 bits),
 * INVALID_VALUE. */
MUST_CHECK enum status json_decode(const struct schema *schema, struct text body,
                                   struct arena *arena, void *ret_value,
                                   struct field_faults *ret_faults);

/* Decodes one field from a path segment, a query parameter or a header (percent-decoded, header
 * trimmed): bool, int, id, text, time, enum; lists of int, id, enum are split at commas. An int
 * from a header may be an entity tag such as "7". `value` is the struct that the field belongs to;
 * presence is set too. Texts are copied into the arena. Statuses: OK, INVALID_VALUE (not of that
 * type), OUT_OF_RANGE. Faults have the pointer "/name". */
MUST_CHECK enum status json_decode_text(const struct field *field, struct text raw,
                                        struct arena *arena, void *value,
                                        struct field_faults *faults);

/* Completes a struct of which the fields in `given` (bit n: field n) came as text: absent fields
 * get their default, and mandatory ones without a default are faults. With has_body only path and
 * header fields are looked at. Statuses: OK, MISSING_FIELD. */
MUST_CHECK enum status json_complete(const struct schema *schema, uint64_t given, bool has_body,
                                     struct arena *arena, void *value, struct field_faults *faults);

/* Writes the struct as compact JSON. Absent optionals are omitted, empty lists and maps written;
 * ids as typed text (of several prefixes the first); bytes that are not UTF-8 become U+FFFD; secret
 * fields are written, too. `bytes` fields are omitted: they are never on the public surface. Look
 * at out->is_full afterwards. */
void json_encode(const struct schema *schema, const void *value, struct text_builder *out);
/* The same without secret fields, at any depth: for logs and audits. */
void json_encode_open(const struct schema *schema, const void *value, struct text_builder *out);
/* Writes one JSON string with its quotes. */
void json_encode_text(struct text text, struct text_builder *out);
