/* A table of counts by key for the time of a batch, and its SQL. */
#include "actors/notification/notification_allowance.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/secret.h"

#define DAY_US (INT64_C(86400) * 1000000)

enum { KEYS_OF_MAIL = 2 };

/* What is counted together. Part of the digests that are stored: append only. */
enum allowance_class {
    ALLOWANCE_PROOFS = 1, /* by address: mails with a token */
    ALLOWANCE_OTHERS,     /* by address: all others */
    ALLOWANCE_SENDER,     /* by vendor */
    ALLOWANCE_INVITED     /* by address: what others want of it */
};

struct allowance {
    struct uuid key; /* zero: the place is free */
    int64_t used, taken;
};

/* Open addressing; keys are digests, so that their first bytes are as good as a hash. */
struct notification_allowances {
    size_t count, mask;
    struct allowance *places;
};

static struct uuid key_of(struct request *request, enum allowance_class class, struct text what)
{
    uint8_t key[SECRET_KEY_BYTES];
    struct uuid digest;
    struct text_builder message;
    text_builder_init(&message, request_arena(request), what.length + 1);
    text_builder_add_byte(&message, (char)class);
    text_builder_add(&message, what);
    request_derive_key(request, "souk allowance", key);
    secret_digest_keyed(key, text_builder_view(&message), digest.bytes, sizeof digest.bytes);
    secret_wipe(key, sizeof key);
    return digest;
}

static bool is_proved(const struct common_contact *contact)
{
    return contact->has_is_proved && contact->is_proved;
}

/* What others have sent must not use up what somebody asks for himself. */
static enum allowance_class class_of(const struct common_notice *notice)
{
    const bool is_invited = notice->kind == COMMON_NOTICE_KIND_MEMBER_INVITED ||
                            notice->kind == COMMON_NOTICE_KIND_STAFF_INVITED;
    if (is_invited) return ALLOWANCE_INVITED;
    return notice->has_ticket_id ? ALLOWANCE_PROOFS : ALLOWANCE_OTHERS;
}

/* The keys that a mail to an unproved address is counted by, with their limits. Of a shopper or a
 * guest the address is all that is known of the sender. */
static size_t keys_of_mail(struct request *request, const struct common_notice *notice,
                           const struct common_contact *contact, struct uuid ret_keys[KEYS_OF_MAIL],
                           int64_t ret_limits[KEYS_OF_MAIL])
{
    const enum allowance_class class = class_of(notice);
    ret_keys[0] = key_of(request, class, contact->email);
    ret_limits[0] =
        class == ALLOWANCE_INVITED ? NOTIFICATION_INVITED_MAX : NOTIFICATION_UNPROVED_MAX;
    if (notice->audience != COMMON_AUDIENCE_VENDOR) return 1;
    const struct uuid *vendor = &notice->recipient_id;
    ret_keys[1] = key_of(request, ALLOWANCE_SENDER,
                         (struct text){ (const char *)vendor->bytes, sizeof vendor->bytes });
    ret_limits[1] = NOTIFICATION_STRANGERS_MAX;
    return 2;
}

/* The place of the key, or the free one that it belongs in. */
static struct allowance *place_of(const struct notification_allowances *allowances, struct uuid key)
{
    uint32_t hash;
    memcpy(&hash, key.bytes, sizeof hash);
    size_t place = hash & allowances->mask;
    while (!uuid_is_zero(allowances->places[place].key) &&
           !uuid_equals(allowances->places[place].key, key))
        place = (place + 1) & allowances->mask;
    return &allowances->places[place];
}

static int64_t today(const struct request *request)
{
    return request_now_us(request) / DAY_US;
}

static enum status read_used(struct request *request, struct notification_allowances *allowances)
{
    static const struct statement find = {
        .name = "notification_find_allowances",
        .sql = "SELECT key, used FROM notification.allowance WHERE day = $1 AND key = ANY ($2)",
    };
    struct arena *arena = request_arena(request);
    struct uuid *keys = arena_allocate_array(arena, allowances->count, sizeof *keys);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    size_t count = 0;
    for (size_t i = 0; i <= allowances->mask; i++) {
        if (!uuid_is_zero(allowances->places[i].key)) keys[count++] = allowances->places[i].key;
    }
    assert(count == allowances->count);
    param_int(params, arena, today(request));
    param_uuid_array(params, arena, keys, count);
    TRY(request_query(request, &find, params, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        struct allowance *allowance = place_of(allowances, row_uuid(&row));
        allowance->used = row_int(&row);
    }
    return STATUS_OK;
}

static size_t count_contacts(const struct notification_told *told, size_t count)
{
    size_t contacts = 0;
    for (size_t i = 0; i < count; i++)
        contacts += told[i].contacts.contacts_count;
    return contacts;
}

static void add_keys(struct request *request, struct notification_allowances *allowances,
                     const struct notification_told *told)
{
    for (size_t i = 0; i < told->contacts.contacts_count; i++) {
        struct uuid keys[KEYS_OF_MAIL];
        int64_t limits[KEYS_OF_MAIL];
        if (is_proved(&told->contacts.contacts[i])) continue;
        const size_t count =
            keys_of_mail(request, told->notice, &told->contacts.contacts[i], keys, limits);
        for (size_t k = 0; k < count; k++) {
            struct allowance *allowance = place_of(allowances, keys[k]);
            if (uuid_is_zero(allowance->key)) allowances->count++;
            allowance->key = keys[k];
        }
    }
}

enum status notification_allowances_load(struct request *request,
                                         const struct notification_told *told, size_t count,
                                         struct notification_allowances **ret_allowances)
{
    assert(ret_allowances != NULL);
    const size_t keys_max = KEYS_OF_MAIL * count_contacts(told, count);
    struct notification_allowances *allowances =
        arena_allocate(request_arena(request), sizeof *allowances);
    size_t places = 1;
    while (places <= 2 * keys_max)
        places *= 2;
    *allowances = (struct notification_allowances){ .mask = places - 1 };
    allowances->places =
        arena_allocate_array(request_arena(request), places, sizeof *allowances->places);
    memset(allowances->places, 0, places * sizeof *allowances->places);
    for (size_t i = 0; i < count; i++)
        add_keys(request, allowances, &told[i]);
    if (allowances->count > 0) TRY(read_used(request, allowances));
    *ret_allowances = allowances;
    return STATUS_OK;
}

bool notification_allowances_take(struct request *request,
                                  struct notification_allowances *allowances,
                                  const struct common_notice *notice,
                                  const struct common_contact *contact)
{
    assert(allowances != NULL);
    struct uuid keys[KEYS_OF_MAIL];
    int64_t limits[KEYS_OF_MAIL];
    if (is_proved(contact)) return true;
    const size_t count = keys_of_mail(request, notice, contact, keys, limits);
    for (size_t k = 0; k < count; k++) {
        const struct allowance *allowance = place_of(allowances, keys[k]);
        if (allowance->used + allowance->taken >= limits[k]) return false;
    }
    for (size_t k = 0; k < count; k++)
        place_of(allowances, keys[k])->taken++;
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    return memcmp(&((const struct allowance *)a)->key, &((const struct allowance *)b)->key,
                  sizeof(struct uuid));
}

/* In the order of the keys, so that two units never wait for each other's rows in a circle. */
void notification_allowances_save(struct request *request,
                                  const struct notification_allowances *allowances)
{
    static const struct statement add = {
        .name = "notification_add_allowances",
        .sql = "INSERT INTO notification.allowance AS a (key, day, used)"
               " SELECT t.key, $1, t.taken FROM unnest($2::uuid[], $3::bigint[]) AS t (key, taken)"
               " ON CONFLICT (key, day) DO UPDATE SET used = a.used + excluded.used",
    };
    assert(allowances != NULL);
    struct arena *arena = request_arena(request);
    struct allowance *taken = arena_allocate_array(arena, allowances->count, sizeof *taken);
    struct uuid *keys = arena_allocate_array(arena, allowances->count, sizeof *keys);
    int64_t *counts = arena_allocate_array(arena, allowances->count, sizeof *counts);
    size_t count = 0;
    for (size_t i = 0; i <= allowances->mask; i++) {
        if (allowances->places[i].taken > 0) taken[count++] = allowances->places[i];
    }
    if (count == 0) return;
    qsort(taken, count, sizeof *taken, compare_keys);
    for (size_t i = 0; i < count; i++) {
        keys[i] = taken[i].key;
        counts[i] = taken[i].taken;
    }
    struct store_params *params = request_write(request, &add);
    param_int(params, arena, today(request));
    param_uuid_array(params, arena, keys, count);
    param_int_array(params, arena, counts, count);
}

void notification_allowances_trim(struct request *request)
{
    static const struct statement trim = {
        .name = "notification_trim_allowances",
        .sql = "DELETE FROM notification.allowance WHERE (key, day) IN (SELECT key, day"
               " FROM notification.allowance WHERE day < $1 ORDER BY day LIMIT $2)",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &trim);
    param_int(params, arena, today(request));
    param_int(params, arena, NOTIFICATION_ALLOWANCES_TRIMMED_MAX);
}
