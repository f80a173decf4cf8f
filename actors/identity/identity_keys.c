/* Signing keys: their rows, and when one follows another. */
#include "actors/identity/identity_keys.h"

#include <string.h>

#include "runtime/secret.h"

enum { KID_DIGEST_BYTES = 16 };

/* The newest key that has been published long enough; with none, the oldest: better a token that
 * some gateway asks about than none. */
size_t identity_keys_choose(const struct identity_key *keys, size_t count, int64_t real_us)
{
    assert(keys != NULL);
    assert(count > 0);
    for (size_t i = 0; i < count; i++)
        if (keys[i].created_us + IDENTITY_KEY_PUBLISHED_US <= real_us) return i;
    return count - 1;
}

bool identity_keys_are_due(const struct identity_key *keys, size_t count, int64_t real_us,
                           int64_t life_us)
{
    assert(keys != NULL);
    if (count == 0) return true;
    return count < IDENTITY_KEYS_MAX && keys[0].created_us + life_us <= real_us;
}

static void read_bytes(struct row *row, uint8_t *ret_bytes, size_t length)
{
    const struct text bytes = row_bytes(row);
    assert(bytes.length == length);
    memcpy(ret_bytes, bytes.data, length);
}

static enum status load_keys(struct request *request, enum common_audience audience,
                             struct identity_key **ret_keys, size_t *ret_count)
{
    static const struct statement load = {
        .name = "identity_load_keys",
        .sql = "SELECT kid, generation, created_at, public_key, secret_key"
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
        keys[i].kid = row_text(&row);
        keys[i].generation = row_int(&row);
        keys[i].created_us = row_int(&row);
        read_bytes(&row, keys[i].public_key, PASETO_PUBLIC_KEY_BYTES);
        read_bytes(&row, keys[i].secret_key, PASETO_SECRET_KEY_BYTES);
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
               " secret_key, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_text(params, arena, key->kid);
    param_text(params, arena, text_of(common_audience_names[audience]));
    param_int(params, arena, key->generation);
    param_bytes(params, arena,
                (struct text){ (const char *)key->public_key, sizeof key->public_key });
    param_bytes(params, arena,
                (struct text){ (const char *)key->secret_key, sizeof key->secret_key });
    param_int(params, arena, key->created_us);
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
    save_key(request, audience, ret_key);
}

enum status identity_keys_find(struct request *request, enum common_audience audience,
                               struct identity_key *ret_key)
{
    assert(ret_key != NULL);
    struct identity_key *keys;
    size_t count;
    TRY(load_keys(request, audience, &keys, &count));
    if (count == 0)
        make_key(request, audience, 1, ret_key);
    else
        *ret_key = keys[identity_keys_choose(keys, count, request_real_us(request))];
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
