/* Pictures in a bucket: PUT, GET and DELETE of one object each, signed by libcurl (AWS Signature
 * Version 4). Objects are addressed by path, which every such store understands. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/picture/picture_store.h"
#include "runtime/log.h"

enum { URL_MAX = 1024, NAME_PART_MAX = 255 };

struct s3_store {
    struct picture_store store; /* first */
    struct picture_s3 s3;
};

/* Of a path, unquoted: what names of buckets and regions are made of. */
static bool is_plain(struct text text)
{
    if (text.length < 1 || text.length > NAME_PART_MAX) return false;
    for (size_t i = 0; i < text.length; i++) {
        const char c = text.data[i];
        const bool is_alphanumeric =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_alphanumeric && c != '-' && c != '.' && c != '_') return false;
    }
    return true;
}

static enum status status_of(const struct transfer_answer *answer)
{
    if (answer->outcome == TRANSFER_ACCEPTED) return STATUS_OK;
    if (answer->code == 404) return STATUS_NOT_FOUND;
    log_warning("picture_store_refused", LOG_INT("code", answer->code));
    return STATUS_UNAVAILABLE;
}

static struct text sha256_of(struct arena *arena, struct text bytes)
{
    enum { DIGITS = 2 * crypto_hash_sha256_BYTES + 1 };
    uint8_t digest[crypto_hash_sha256_BYTES];
    char *text = arena_allocate(arena, DIGITS);
    (void)crypto_hash_sha256(digest, (const uint8_t *)bytes.data, bytes.length);
    (void)sodium_bin2hex(text, DIGITS, digest, sizeof digest);
    return text_of(text);
}

static enum status s3_do(struct picture_store *store, enum transfer_method method, const char *name,
                         struct text bytes, struct arena *arena, struct text *ret_bytes)
{
    const struct s3_store *self = (const struct s3_store *)(const void *)store;
    const struct picture_s3 *s3 = &self->s3;
    /* libcurl 7.88 signs the header but does not make it, and the store refuses what lacks it. */
    const struct transfer_header digest = { TEXT("x-amz-content-sha256"), sha256_of(arena, bytes) };
    const struct transfer_http http = {
        .headers = &digest,
        .headers_count = 1,
        .url = text_format(arena, "%.*s/%.*s/%s", (int)s3->endpoint.length, s3->endpoint.data,
                           (int)s3->bucket.length, s3->bucket.data, name),
        .content_type = method == TRANSFER_PUT ? TEXT("image/webp") : TEXT(""),
        .body = bytes,
        .user = s3->key_id,
        .password = s3->secret,
        .signed_for =
            text_format(arena, "aws:amz:%.*s:s3", (int)s3->region.length, s3->region.data),
        .method = method,
        .answer_max = PICTURE_OUTPUT_MAX,
        .deadline_us = loop_now_us(s3->loop) + s3->time_max_us,
    };
    struct transfer_answer answer;
    const enum status status = transfer_http(s3->transfers, &http, arena, &answer);
    if (status == STATUS_DEADLINE_EXCEEDED || status == STATUS_BODY_TOO_LARGE ||
        status == STATUS_INVALID_VALUE)
        return STATUS_UNAVAILABLE;
    if (status != STATUS_OK) return status;
    *ret_bytes = answer.body;
    return status_of(&answer);
}

static enum status s3_put(struct picture_store *store, const char *name, struct text bytes)
{
    CLEANUP(arena_destroy) struct arena *arena = arena_new(URL_MAX);
    struct text ignored;
    return s3_do(store, TRANSFER_PUT, name, bytes, arena, &ignored);
}

static enum status s3_get(struct picture_store *store, const char *name, struct arena *arena,
                          struct text *ret_bytes)
{
    return s3_do(store, TRANSFER_GET, name, TEXT(""), arena, ret_bytes);
}

static enum status s3_remove(struct picture_store *store, const char *name)
{
    CLEANUP(arena_destroy) struct arena *arena = arena_new(URL_MAX);
    struct text ignored;
    const enum status status = s3_do(store, TRANSFER_DELETE, name, TEXT(""), arena, &ignored);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static void s3_destroy(struct picture_store *store)
{
    free(store);
}

static const struct picture_store_kind s3_kind = { s3_put, s3_get, s3_remove, s3_destroy };

enum status picture_store_s3_new(const struct picture_s3 *s3, struct picture_store **ret_store)
{
    assert(s3->transfers != NULL);
    assert(s3->time_max_us > 0);
    const bool is_http = text_starts_with(s3->endpoint, TEXT("http://")) ||
                         text_starts_with(s3->endpoint, TEXT("https://"));
    if (!is_http || s3->endpoint.length > URL_MAX / 2 || !is_plain(s3->bucket) ||
        !is_plain(s3->region) || s3->key_id.length == 0 || s3->secret.length == 0)
        return STATUS_INVALID_VALUE;
    struct s3_store *self = calloc(1, sizeof *self);
    if (self == NULL) abort();
    *self = (struct s3_store){ { &s3_kind }, *s3 };
    *ret_store = &self->store;
    return STATUS_OK;
}
