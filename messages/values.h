/* Values that every domain shares: ids that carry their shard, money with checked arithmetic, time.
 * All pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base.h"
#include "runtime/text.h"

enum {
    SHARD_COUNT = 64,         /* per domain, for ever */
    ID_TEXT_MAX = 4 + 1 + 26, /* "prefix_" and 26 characters of Crockford base32 (TypeID 0.3) */
    MONEY_TEXT_MAX = 26,      /* a sign, 19 digits, a point, room for 4 digits after it, "EUR" */
    TIME_TEXT_MAX = 27        /* "2026-11-22T14:45:24.123456Z" */
};

/* ---- ids: UUIDv7 (RFC 9562) whose last 6 bits are the shard ---- */

/* Makes an id from the time and 10 random bytes; its last 6 bits are `shard`. */
struct uuid uuid_make(int64_t real_us, const uint8_t random[10], unsigned shard);
unsigned uuid_shard(struct uuid id);
bool uuid_equals(struct uuid a, struct uuid b);
bool uuid_is_zero(struct uuid id);
int uuid_compare(struct uuid a, struct uuid b);

/* Writes "prefix_01h455vb4pex5vsknk084sn02q" and a NUL; returns the length. */
size_t id_format(const char *prefix, struct uuid id, char ret_text[ID_TEXT_MAX + 1]);
/* Reads an id of that prefix. Statuses: OK, MALFORMED (wrong prefix, length, alphabet or overflow).
 */
MUST_CHECK enum status id_parse(struct text text, const char *prefix, struct uuid *ret_id);

/* The shard of a text key: SipHash-2-4 with the zero key, modulo SHARD_COUNT. */
unsigned shard_of_text(struct text text);
/* A stable id for a text key (BLAKE2b-128) whose last 6 bits are shard_of_text(). */
struct uuid key_of_text(struct text text);
/* BLAKE2b-128(parent, number): the id of the n-th message that a message causes. */
struct uuid uuid_derive(struct uuid parent, uint64_t number);
/* BLAKE2b-128(parent, name, direction), with the shard of the parent. */
struct uuid uuid_derive_named(struct uuid parent, struct text name, uint64_t number);

/* ---- money: int64 minor units and an ISO 4217 code ---- */

struct money {
    int64_t amount;   /* minor units */
    char currency[4]; /* "EUR", NUL-terminated */
};

/* Digits after the point of a currency (EUR 2, JPY 0, KWD 3), or -1 for a code that is not in ISO
 * 4217. */
int currency_exponent(const char *currency);
struct money money_make(int64_t amount, const char *currency);
bool money_equals(struct money a, struct money b);
bool money_same_currency(struct money a, struct money b);
/* Writes an amount in the currency's own units, "-1000.05 EUR", and a NUL; returns the length. The
 * amount of a code that is not in ISO 4217 is written in whole units. */
size_t money_format(struct money money, char ret_text[MONEY_TEXT_MAX + 1]);
/* Statuses: OK, OUT_OF_RANGE (overflow), INVALID_VALUE (two currencies). The result is untouched on
 * failure. */
MUST_CHECK enum status money_add(struct money a, struct money b, struct money *ret_sum);
MUST_CHECK enum status money_subtract(struct money a, struct money b, struct money *ret_difference);
MUST_CHECK enum status money_multiply(struct money a, int64_t factor, struct money *ret_product);
/* Splits `total` by weights so that the parts sum to it exactly (largest remainder; ties go to the
 * first). Weights must be >= 0 and not all zero. Statuses: OK, OUT_OF_RANGE. */
MUST_CHECK enum status money_allocate(struct money total, const int64_t *weights, size_t count,
                                      int64_t *ret_amounts);

/* Of amounts in one currency, none of them negative; the two places where anything is rounded. Each
 * says what it rounded away: amount * divisor + remainder is the exact product. */

/* amount * factor / divisor (> 0) to the nearest, halves up. Statuses: OK, OUT_OF_RANGE (the result
 * overflows). */
MUST_CHECK enum status amount_scale(int64_t amount, int64_t factor, int64_t divisor,
                                    int64_t *ret_scaled, int64_t *ret_remainder);
/* Splits like money_allocate(); the divisor of each part is the sum of the weights, which must fit
 * into int64. A part is at most its weight when the total is at most their sum. Nothing is shared
 * among weights that are all zero. Statuses: OK, OUT_OF_RANGE. */
MUST_CHECK enum status amount_allocate(int64_t total, const int64_t *weights, size_t count,
                                       int64_t *ret_amounts, int64_t *ret_remainders);

/* ---- time: microseconds since 1970, UTC ---- */

/* The years 0000 to 9999, all that RFC 3339 can say. */
#define TIME_MIN_US (INT64_C(-62167219200) * 1000000)
#define TIME_MAX_US (INT64_C(253402300800) * 1000000 - 1)

/* Writes RFC 3339 with as many decimals as needed (none, 3 or 6) and a NUL; returns the length. A
 * time outside the limits is written as the nearer limit. */
size_t time_format(int64_t time_us, char ret_text[TIME_TEXT_MAX + 1]);
/* Reads RFC 3339 (any offset, leap second refused). Statuses: OK, MALFORMED. */
MUST_CHECK enum status time_parse(struct text text, int64_t *ret_time_us);

/* ---- entity tags and versions ---- */

/* Codings of answers: zstd (RFC 8878), br (RFC 7932), gzip (RFC 1952). */
enum coding { CODING_ZSTD, CODING_BR, CODING_GZIP, CODING_COUNT, CODING_NONE = CODING_COUNT };
/* As headers have it; at the end of a packed answer's entity tag it stands behind a hyphen: the tag
 * of the same state in other bytes. "" of NONE. */
struct text coding_name(enum coding coding);
/* A view of a tag, given without its quotes, of the plain answer. */
struct text tag_without_coding(struct text tag);

/* The versions that a change may be made of: If-Match of a request, which is a list (RFC 9110,
 * section 13.1.1). None: any version. */
struct versions {
    const int64_t *list;
    size_t count;
};
/* Of a message with the field `versions`. */
#define VERSIONS_OF(message) ((struct versions){ (message)->versions, (message)->versions_count })

/* True if the change may be made of `version`. */
bool versions_have(struct versions versions, int64_t version);
