/* Signing keys: their rows, and when one follows another. */
#include "actors/identity/identity_keys.h"

#include <string.h>

#include "runtime/secret.h"

enum { KID_DIGEST_BYTES = 16, KID_MAX = 64 };
/* What the key is for that secrets are sealed with. */
static const char sealing[] = "souk signing key";

static bool signs(const struct identity_key *key, int64_t real_us)
{
    return key->can_sign && key->created_us + IDENTITY_KEY_PUBLISHED_US <= real_us;
}

/* The newest key that has been published long enough; with none, the oldest: better a token that
 * some gateway asks about than none. */
size_t identity_keys_choose(const struct identity_key *keys, size_t count, int64_t real_us)
{
    assert(keys != NULL);
    size_t oldest = count;
    for (size_t i = 0; i < count; i++) {
        if (signs(&keys[i], real_us)) return i;
        if (keys[i].can_sign) oldest = i;
    }
    return oldest;
}

/* A secret that lies in clear, or that was sealed with another market's key, is replaced at once.
 */
bool identity_keys_are_due(const struct identity_key *keys, size_t count, int64_t real_us,
                           int64_t life_us)
{
    assert(keys != NULL);
    if (count == 0) return true;
    const bool is_old = keys[0].created_us + life_us <= real_us;
    return count < IDENTITY_KEYS_MAX && (is_old || keys[0].is_clear || !keys[0].can_sign);
}

static void read_bytes(struct row *row, uint8_t *ret_bytes, size_t length)
{
    const struct text bytes = row_bytes(row);
    assert(bytes.length == length);
    memcpy(ret_bytes, bytes.data, length);
}

/* ---- the seal ---- */

enum { SEALED_MAX = KID_MAX + PASETO_SECRET_KEY_BYTES };

/* What is sealed begins with the key's name, so that a row copied to another name is void. */
static struct text seal(struct request *request, const struct identity_key *key)
{
    uint8_t market_key[SECRET_KEY_BYTES], nonce[SECRET_NONCE_BYTES];
    char plain[SEALED_MAX];
    assert(key->kid.length <= KID_MAX);
    memcpy(plain, key->kid.data, key->kid.length);
    memcpy(plain + key->kid.length, key->secret_key, sizeof key->secret_key);
    request_derive_key(request, sealing, market_key);
    request_random(request, nonce, sizeof nonce);
    const struct text sealed =
        secret_seal(request_arena(request), market_key, nonce,
                    (struct text){ plain, key->kid.length + sizeof key->secret_key });
    secret_wipe(market_key, sizeof market_key);
    secret_wipe(plain, sizeof plain);
    return sealed;
}

/* A key whose seal cannot be opened still verifies what it has signed; it signs nothing more. */
static void unseal(struct request *request, struct text sealed, struct identity_key *key)
{
    uint8_t market_key[SECRET_KEY_BYTES];
    struct text plain;
    request_derive_key(request, sealing, market_key);
    const enum status is_open = secret_unseal(request_arena(request), market_key, sealed, &plain);
    secret_wipe(market_key, sizeof market_key);
    key->can_sign = is_open == STATUS_OK &&
                    plain.length == key->kid.length + sizeof key->secret_key &&
                    memcmp(plain.data, key->kid.data, key->kid.length) == 0;
    if (key->can_sign)
        memcpy(key->secret_key, plain.data + key->kid.length, sizeof key->secret_key);
    if (is_open == STATUS_OK) secret_wipe((char *)(uintptr_t)plain.data, plain.length);
}

/* Versions before the seal kept the secret in a column of its own, which cannot be empty for them:
 * it is all zero in sealed rows. */
static const uint8_t no_secret[PASETO_SECRET_KEY_BYTES];

static void read_key(struct request *request, struct row *row, struct identity_key *ret_key)
{
    *ret_key = (struct identity_key){ .kid = row_text(row) };
    ret_key->generation = row_int(row);
    ret_key->created_us = row_int(row);
    read_bytes(row, ret_key->public_key, PASETO_PUBLIC_KEY_BYTES);
    read_bytes(row, ret_key->secret_key, PASETO_SECRET_KEY_BYTES);
    ret_key->is_clear = memcmp(ret_key->secret_key, no_secret, sizeof no_secret) != 0;
    ret_key->can_sign = ret_key->is_clear;
    if (row_skip_null(row)) return;
    unseal(request, row_bytes(row), ret_key);
}

/* ---- rows ---- */

static enum status load_keys(struct request *request, enum common_audience audience,
                             struct identity_key **ret_keys, size_t *ret_count)
{
    static const struct statement load = {
        .name = "identity_load_keys",
        .sql = "SELECT kid, generation, created_at, public_key, secret_key, sealed_key"
               " FROM identity.signing_key WHERE audience = $1 ORDER BY generation DESC LIMIT $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_text(params, arena, text_of(common_audience_names[audience]));
    param_int(params, arena, IDENTITY_KEYS_MAX);
    struct rows rows;
    TRY(request_query(request, &load, params, &rows));
    struct identity_key *keys = arena_allocate_array(arena, rows.count, sizeof *keys);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_key(request, &row, &keys[i]);
    }
    *ret_keys = keys;
    *ret_count = rows.count;
    return STATUS_OK;
}

static void save_key(struct request *request, enum common_audience audience,
                     const struct identity_key *key)
{
    static const struct statement add = {
        .name = "identity_add_key",
        .sql = "INSERT INTO identity.signing_key (kid, audience, generation, public_key,"
               " secret_key, created_at, sealed_key) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    const struct text sealed = seal(request, key);
    struct store_params *params = request_write(request, &add);
    param_text(params, arena, key->kid);
    param_text(params, arena, text_of(common_audience_names[audience]));
    param_int(params, arena, key->generation);
    param_bytes(params, arena,
                (struct text){ (const char *)key->public_key, sizeof key->public_key });
    param_bytes(params, arena, (struct text){ (const char *)no_secret, sizeof no_secret });
    param_int(params, arena, key->created_us);
    param_bytes(params, arena, sealed);
}

/* Secrets that a version before the seal has left in clear go as soon as another key signs. */
static void wipe_clear(struct request *request, enum common_audience audience,
                       int64_t signing_generation)
{
    static const struct statement wipe = {
        .name = "identity_wipe_keys",
        .sql = "UPDATE identity.signing_key SET secret_key = $3 WHERE audience = $1"
               " AND generation < $2 AND secret_key <> $3",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &wipe);
    param_text(params, arena, text_of(common_audience_names[audience]));
    param_int(params, arena, signing_generation);
    param_bytes(params, arena, (struct text){ (const char *)no_secret, sizeof no_secret });
}

static void make_key(struct request *request, enum common_audience audience, int64_t generation,
                     struct identity_key *ret_key)
{
    struct arena *arena = request_arena(request);
    uint8_t seed[PASETO_SEED_BYTES], name[KID_DIGEST_BYTES];
    request_random(request, seed, sizeof seed);
    paseto_v4_keys(seed, ret_key->public_key, ret_key->secret_key);
    secret_wipe(seed, sizeof seed);
    secret_digest((struct text){ (const char *)ret_key->public_key, sizeof ret_key->public_key },
                  name, sizeof name);
    const struct text digest =
        base64url_encode(arena, (struct text){ (const char *)name, sizeof name });
    ret_key->kid = text_format(arena, "%s-%.*s", common_audience_names[audience],
                               (int)digest.length, digest.data);
    ret_key->generation = generation;
    ret_key->created_us = request_real_us(request);
    ret_key->can_sign = true;
    ret_key->is_clear = false;
    save_key(request, audience, ret_key);
}

enum status identity_keys_find(struct request *request, enum common_audience audience,
                               struct identity_key *ret_key)
{
    assert(ret_key != NULL);
    struct identity_key *keys;
    size_t count;
    TRY(load_keys(request, audience, &keys, &count));
    const size_t chosen = identity_keys_choose(keys, count, request_real_us(request));
    if (chosen == count)
        make_key(request, audience, count == 0 ? 1 : keys[0].generation + 1, ret_key);
    else
        *ret_key = keys[chosen];
    secret_wipe(keys, count * sizeof *keys);
    return STATUS_OK;
}

static void drop_retired(struct request *request, enum common_audience audience,
                         int64_t next_made_before_us)
{
    static const struct statement drop = {
        .name = "identity_drop_keys",
        .sql = "DELETE FROM identity.signing_key k USING identity.signing_key n"
               " WHERE k.audience = $1 AND n.audience = k.audience"
               " AND n.generation = k.generation + 1 AND n.created_at < $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &drop);
    param_text(params, arena, text_of(common_audience_names[audience]));
    param_int(params, arena, next_made_before_us);
}

enum status identity_keys_turn(struct request *request, enum common_audience audience)
{
    const int64_t real_us = request_real_us(request);
    const int64_t life_us = config_duration_us(request_config(request), SETTING_TTL_SIGNING_KEY);
    struct identity_key *keys, key;
    size_t count;
    TRY(load_keys(request, audience, &keys, &count));
    if (identity_keys_are_due(keys, count, real_us, life_us)) {
        make_key(request, audience, count == 0 ? 1 : keys[0].generation + 1, &key);
        secret_wipe(&key.secret_key, sizeof key.secret_key);
    }
    /* keys[count - 2] follows the oldest key: once it has signed for long enough, no token of the
     * oldest is alive. */
    const int64_t before_us = real_us - IDENTITY_KEY_PUBLISHED_US - IDENTITY_KEY_RETIRED_US;
    if (count >= 2 && keys[count - 2].created_us < before_us)
        drop_retired(request, audience, before_us);
    const size_t signing = identity_keys_choose(keys, count, real_us);
    for (size_t i = signing + 1; i < count; i++) {
        if (!keys[i].is_clear) continue;
        wipe_clear(request, audience, keys[signing].generation);
        break;
    }
    secret_wipe(keys, count * sizeof *keys);
    return STATUS_OK;
}

enum status identity_keys_list(struct request *request, enum common_audience audience,
                               struct common_token_keys *ret_keys)
{
    assert(ret_keys != NULL);
    assert(audience < COMMON_AUDIENCE_GUEST);
    struct identity_key *keys;
    size_t count;
    TRY(load_keys(request, audience, &keys, &count));
    struct arena *arena = request_arena(request);
    struct common_token_key *list = arena_allocate_array(arena, count, sizeof *list);
    for (size_t i = 0; i < count; i++) {
        list[i].kid = keys[i].kid;
        list[i].public_key =
            (struct text){ arena_copy(arena, keys[i].public_key, PASETO_PUBLIC_KEY_BYTES),
                           PASETO_PUBLIC_KEY_BYTES };
        list[i].audience = audience;
    }
    secret_wipe(keys, count * sizeof *keys);
    *ret_keys = (struct common_token_keys){ .keys = list, .keys_count = count };
    return STATUS_OK;
}
