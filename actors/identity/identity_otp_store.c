/* SQL of second factors. */
#include "actors/identity/identity_otp_store.h"

#include <string.h>

#include "runtime/secret.h"

enum { UUID_BYTES = 16 };

/* What is sealed begins with the person's id, so that a row copied to another person is void. */
static struct text seal(struct request *request, const struct identity_otp *otp)
{
    uint8_t key[SECRET_KEY_BYTES], nonce[SECRET_NONCE_BYTES];
    char plain[UUID_BYTES + IDENTITY_OTP_SECRET_BYTES];
    memcpy(plain, otp->person_id.bytes, UUID_BYTES);
    memcpy(plain + UUID_BYTES, otp->secret, IDENTITY_OTP_SECRET_BYTES);
    request_derive_key(request, "souk otp", key);
    request_random(request, nonce, sizeof nonce);
    const struct text sealed =
        secret_seal(request_arena(request), key, nonce, (struct text){ plain, sizeof plain });
    secret_wipe(key, sizeof key);
    secret_wipe(plain, sizeof plain);
    return sealed;
}

/* A row that was copied to another person, or sealed with another key, is corrupt and not merely
 * wrong: nobody is let in by it. */
static enum status unseal(struct request *request, struct text sealed, struct identity_otp *otp)
{
    uint8_t key[SECRET_KEY_BYTES];
    struct text plain;
    request_derive_key(request, "souk otp", key);
    const enum status is_open = secret_unseal(request_arena(request), key, sealed, &plain);
    secret_wipe(key, sizeof key);
    TRY(is_open);
    if (plain.length != UUID_BYTES + IDENTITY_OTP_SECRET_BYTES ||
        memcmp(plain.data, otp->person_id.bytes, UUID_BYTES) != 0)
        return STATUS_CORRUPT;
    memcpy(otp->secret, plain.data + UUID_BYTES, IDENTITY_OTP_SECRET_BYTES);
    return STATUS_OK;
}

enum status identity_otp_load(struct request *request, struct uuid person_id,
                              struct identity_otp *ret_otp)
{
    assert(ret_otp != NULL);
    static const struct statement load = {
        .name = "identity_load_otp",
        .sql = "SELECT secret, confirmed_at IS NOT NULL, last_step, version FROM identity.otp"
               " WHERE person_id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, person_id);
    struct rows rows;
    TRY(request_query(request, &load, params, &rows));
    struct identity_otp otp = { .person_id = person_id };
    if (rows.count > 0) {
        struct row row = rows_at(&rows, 0);
        TRY(unseal(request, row_bytes(&row), &otp));
        otp.is_confirmed = row_bool(&row);
        otp.last_step = row_int(&row);
        otp.version = row_int(&row);
    }
    *ret_otp = otp;
    return STATUS_OK;
}

enum status identity_otp_find_state(struct request *request, struct uuid person_id,
                                    struct common_otp_state *ret_state)
{
    assert(ret_state != NULL);
    static const struct statement find = {
        .name = "identity_find_otp_state",
        .sql = "SELECT (SELECT count(*) FROM identity.recovery_code WHERE person_id = $1"
               " AND used_at IS NULL) FROM identity.otp WHERE person_id = $1"
               " AND confirmed_at IS NOT NULL",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, person_id);
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    *ret_state = (struct common_otp_state){ .is_enabled = rows.count > 0 };
    if (rows.count == 0) return STATUS_OK;
    struct row row = rows_at(&rows, 0);
    ret_state->recovery_codes_left = row_int(&row);
    return STATUS_OK;
}

/* Only over an unfinished enrolment: a factor in force is never replaced without being ended first.
 */
void identity_otp_save_secret(struct request *request, const struct identity_otp *otp)
{
    assert(otp != NULL);
    static const struct statement save = {
        .name = "identity_save_otp_secret",
        .sql = "WITH u AS (INSERT INTO identity.otp AS o (person_id, secret, created_at)"
               " VALUES ($1, $2, $3) ON CONFLICT (person_id) DO UPDATE SET secret = $2,"
               " created_at = $3, last_step = 0, version = o.version + 1"
               " WHERE o.confirmed_at IS NULL RETURNING 1) SELECT require_one(count(*)) FROM u",
    };
    struct arena *arena = request_arena(request);
    const struct text sealed = seal(request, otp);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, otp->person_id);
    param_bytes(params, arena, sealed);
    param_int(params, arena, request_now_us(request));
}

void identity_otp_save_use(struct request *request, const struct identity_otp *otp)
{
    assert(otp != NULL);
    assert(otp->version > 1);
    static const struct statement save = {
        .name = "identity_save_otp_use",
        .sql = "WITH u AS (UPDATE identity.otp SET confirmed_at = coalesce(confirmed_at, $3),"
               " last_step = $4, version = version + 1 WHERE person_id = $1 AND version = $2"
               " RETURNING 1) SELECT require_one(count(*)) FROM u",
    };
    assert(otp->is_confirmed);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, otp->person_id);
    param_int(params, arena, otp->version - 1);
    param_int(params, arena, request_now_us(request));
    param_int(params, arena, otp->last_step);
}

void identity_otp_remove(struct request *request, struct uuid person_id)
{
    static const struct statement remove = {
        .name = "identity_remove_otp",
        .sql = "WITH c AS (DELETE FROM identity.recovery_code WHERE person_id = $1)"
               " DELETE FROM identity.otp WHERE person_id = $1",
    };
    param_uuid(request_write(request, &remove), request_arena(request), person_id);
}

enum status identity_recovery_find(struct request *request, struct uuid person_id,
                                   const uint8_t digest[IDENTITY_DIGEST_BYTES], bool *ret_is_good)
{
    assert(ret_is_good != NULL);
    static const struct statement find = {
        .name = "identity_find_recovery_code",
        .sql = "SELECT 1::bigint FROM identity.recovery_code WHERE person_id = $1 AND digest = $2"
               " AND used_at IS NULL",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, person_id);
    param_bytes(params, arena, (struct text){ (const char *)digest, IDENTITY_DIGEST_BYTES });
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    *ret_is_good = rows.count == 1;
    return STATUS_OK;
}

void identity_recovery_use(struct request *request, struct uuid person_id,
                           const uint8_t digest[IDENTITY_DIGEST_BYTES])
{
    static const struct statement use = {
        .name = "identity_use_recovery_code",
        .sql = "WITH u AS (UPDATE identity.recovery_code SET used_at = $3 WHERE person_id = $1"
               " AND digest = $2 AND used_at IS NULL RETURNING 1)"
               " SELECT require_one(count(*)) FROM u",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &use);
    param_uuid(params, arena, person_id);
    param_bytes(params, arena, (struct text){ (const char *)digest, IDENTITY_DIGEST_BYTES });
    param_int(params, arena, request_now_us(request));
}

/* Two statements, since the parts of one would not see each other's rows. */
void identity_recovery_replace(struct request *request, struct uuid person_id,
                               const uint8_t digests[][IDENTITY_DIGEST_BYTES], size_t count)
{
    assert(count > 0 && count <= IDENTITY_RECOVERY_CODES);
    static const struct statement clear = {
        .name = "identity_clear_recovery_codes",
        .sql = "DELETE FROM identity.recovery_code WHERE person_id = $1",
    };
    static const struct statement add = {
        .name = "identity_add_recovery_codes",
        .sql = "INSERT INTO identity.recovery_code (person_id, digest)"
               " SELECT $1, unnest($2::bytea[])",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct text *list = arena_allocate_array(arena, count, sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = (struct text){ (const char *)digests[i], IDENTITY_DIGEST_BYTES };
    param_uuid(request_write(request, &clear), arena, person_id);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, person_id);
    param_bytes_array(params, arena, list, count);
}
