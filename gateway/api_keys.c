/* A table of sets of four entries. A key belongs to one set by its digest; in a full one the entry
 * that ends first makes room, so that refusals, which end soon, do not push good keys out. */
#include "gateway/api_keys.h"

#include <stdlib.h>
#include <string.h>

#include "messages/credential.h"
#include "runtime/secret.h"

enum { WAYS = 4, SETS = API_KEYS_MAX / WAYS, ARENA_BYTES = 4096 };
/* Added to the principal's end: a request that was let in just before it must still reach its
 * domain, which looks at the time again. */
#define ON_THE_WAY_US (INT64_C(15) * 1000000)

struct api_key_entry {
    struct api_keys *keys;
    const struct surface *surface; /* NULL: free */
    struct api_key_digest digest;
    struct uuid key_id;
    uint8_t secret[CREDENTIAL_SECRET_BYTES]; /* only while it is asked for, then wiped */
    bool is_asking;
    bool has_ended;             /* it was told so while it was asked for */
    enum status outcome;        /* OK, UNAUTHENTICATED or UNAVAILABLE */
    int64_t until_us;           /* monotonic: how long that is good */
    struct principal principal; /* with OK */
};

struct api_keys {
    const struct inquirer *inquirer;
    void (*on_settled)(void *context);
    void *context;
    size_t asking;
    struct api_key_entry entries[API_KEYS_MAX];
};

struct api_keys *api_keys_new(const struct inquirer *inquirer, void (*on_settled)(void *context),
                              void *context)
{
    assert(inquirer != NULL);
    assert(on_settled != NULL);
    struct api_keys *keys = calloc(1, sizeof *keys);
    if (keys == NULL) abort();
    keys->inquirer = inquirer;
    keys->on_settled = on_settled;
    keys->context = context;
    return keys;
}

void api_keys_destroy(struct api_keys **keys)
{
    if (*keys == NULL) return;
    assert((*keys)->asking == 0);
    secret_wipe(*keys, sizeof **keys);
    free(*keys);
    *keys = NULL;
}

bool api_key_is_one(struct text token)
{
    return text_starts_with(token, TEXT("sk_"));
}

struct api_key_digest api_key_digest_of(struct text token)
{
    struct api_key_digest digest;
    secret_digest(token, digest.bytes, sizeof digest.bytes);
    return digest;
}

static size_t set_of(const struct api_key_digest *digest)
{
    uint32_t number;
    memcpy(&number, digest->bytes, sizeof number);
    return (number % SETS) * WAYS;
}

static const struct api_key_entry *find_entry(const struct api_keys *keys,
                                              const struct api_key_digest *digest)
{
    const size_t first = set_of(digest);
    for (size_t i = first; i < first + WAYS; i++) {
        const struct api_key_entry *entry = &keys->entries[i];
        if (entry->surface != NULL && memcmp(&entry->digest, digest, sizeof *digest) == 0)
            return entry;
    }
    return NULL;
}

enum status api_keys_find(const struct api_keys *keys, const struct api_key_digest *digest,
                          struct principal *ret_principal)
{
    const struct api_key_entry *entry = find_entry(keys, digest);
    if (entry == NULL || entry->is_asking || entry->until_us <= inquirer_now_us(keys->inquirer))
        return STATUS_NOT_FOUND;
    if (entry->outcome == STATUS_OK) *ret_principal = entry->principal;
    return entry->outcome;
}

bool api_keys_are_asking(const struct api_keys *keys, const struct api_key_digest *digest)
{
    if (digest == NULL) return keys->asking > 0;
    const struct api_key_entry *entry = find_entry(keys, digest);
    return entry != NULL && entry->is_asking;
}

/* ---- asking ---- */

static void keep_answer(struct api_key_entry *entry, const struct common_api_key_use *use)
{
    const struct inquirer *inquirer = entry->keys->inquirer;
    const int64_t real_us = inquirer_real_us(inquirer);
    int64_t life_us = use->expires_at_us - real_us;
    if (life_us > API_KEY_LIFE_MAX_US) life_us = API_KEY_LIFE_MAX_US;
    const bool is_itself = uuid_equals(use->person_id, use->account_id);
    entry->until_us = inquirer_now_us(inquirer) + life_us;
    entry->principal = (struct principal){
        .kind = entry->surface->kind,
        .id = use->account_id,
        .expires_at_us = real_us + life_us + ON_THE_WAY_US,
        .session = use->key_id,
        .actor = is_itself ? (struct uuid){ { 0 } } : use->person_id,
        .rights = (uint64_t)use->rights,
        .is_api_key = true,
    };
}

static void ask_in_fiber(void *argument)
{
    struct api_key_entry *entry = argument;
    struct api_keys *keys = entry->keys;
    struct arena *arena = arena_new(ARENA_BYTES);
    const struct identity_use_api_key question = {
        .key_id = entry->key_id,
        .secret = { (const char *)entry->secret, sizeof entry->secret },
    };
    struct common_api_key_use answer;
    const enum status status =
        inquire(keys->inquirer, entry->surface->messages->use_api_key, &question, arena, &answer);
    arena_destroy(&arena);
    secret_wipe(entry->secret, sizeof entry->secret);
    const int64_t now_us = inquirer_now_us(keys->inquirer);
    if (status == STATUS_OK && !entry->has_ended) {
        entry->outcome = STATUS_OK;
        keep_answer(entry, &answer);
    } else if (status_http(status) < 500) { /* a good answer, too, of a key that has ended */
        entry->outcome = STATUS_UNAUTHENTICATED;
        entry->until_us = now_us + API_KEY_REFUSED_US;
    } else {
        entry->outcome = STATUS_UNAVAILABLE;
        entry->until_us = now_us + API_KEY_AWAY_US;
    }
    entry->is_asking = false;
    assert(keys->asking > 0);
    keys->asking--;
    keys->on_settled(keys->context);
}

/* "sk_store_", and a credential. Statuses: OK, UNAUTHENTICATED. */
static enum status parse(const struct surface *surface, struct text token, struct uuid *ret_key_id,
                         uint8_t ret_secret[CREDENTIAL_SECRET_BYTES])
{
    const struct text lead = text_of(surface->api_key_lead);
    if (!text_starts_with(token, lead)) return STATUS_UNAUTHENTICATED;
    const struct text rest = { token.data + lead.length, token.length - lead.length };
    const enum status is_read = credential_read(rest, "key", ret_key_id, ret_secret);
    return is_read == STATUS_OK ? STATUS_OK : STATUS_UNAUTHENTICATED;
}

/* The entry of the digest, else a free one, else the one that ends first; NULL when all of the set
 * are being asked for. */
static struct api_key_entry *entry_for(struct api_keys *keys, const struct api_key_digest *digest)
{
    struct api_key_entry *found = (struct api_key_entry *)(uintptr_t)find_entry(keys, digest);
    const size_t first = set_of(digest);
    for (size_t i = first; i < first + WAYS && found == NULL; i++) {
        if (keys->entries[i].surface == NULL) found = &keys->entries[i];
    }
    if (found != NULL) return found;
    for (size_t i = first; i < first + WAYS; i++) {
        struct api_key_entry *entry = &keys->entries[i];
        if (!entry->is_asking && (found == NULL || entry->until_us < found->until_us))
            found = entry;
    }
    return found;
}

enum status api_keys_ask(struct api_keys *keys, enum principal_kind kind, struct text token,
                         const struct api_key_digest *digest)
{
    struct api_key_entry asked = { .keys = keys,
                                   .surface = surface_of(kind),
                                   .digest = *digest,
                                   .outcome = STATUS_UNAVAILABLE,
                                   .is_asking = true };
    assert(asked.surface != NULL);
    if (api_keys_are_asking(keys, digest)) return STATUS_OK;
    TRY(parse(asked.surface, token, &asked.key_id, asked.secret));
    struct api_key_entry *entry = entry_for(keys, digest);
    if (entry == NULL || keys->asking >= API_KEYS_ASKED_MAX) return STATUS_OVERLOADED;
    *entry = asked;
    secret_wipe(asked.secret, sizeof asked.secret);
    keys->asking++;
    if (fiber_spawn(keys->inquirer->fibers, ask_in_fiber, entry) == STATUS_OK) return STATUS_OK;
    entry->is_asking = false;
    keys->asking--;
    return STATUS_OVERLOADED;
}

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct uuid));
}

/* The ids are sorted once, since each entry is looked up among them. */
void api_keys_forget(struct api_keys *keys, const struct uuid *key_ids, size_t count)
{
    if (count == 0) return;
    assert(key_ids != NULL);
    struct uuid *ids = malloc(count * sizeof *ids);
    if (ids == NULL) abort();
    memcpy(ids, key_ids, count * sizeof *ids);
    qsort(ids, count, sizeof *ids, compare_ids);
    for (size_t i = 0; i < API_KEYS_MAX; i++) {
        struct api_key_entry *entry = &keys->entries[i];
        if (entry->surface == NULL ||
            bsearch(&entry->key_id, ids, count, sizeof *ids, compare_ids) == NULL)
            continue;
        if (entry->is_asking)
            entry->has_ended = true;
        else
            *entry = (struct api_key_entry){ .surface = NULL };
    }
    free(ids);
}
