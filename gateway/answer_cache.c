/* A hash table of entries by target and a list of them in the order of use. News are not looked for
 * in the entries: a table remembers when each thing was last named, by a hash of its id, and an
 * entry is judged when it is found. Two things with one hash cost each other an answer, no more. */
#include "gateway/answer_cache.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "messages/values.h"
#include "runtime/metrics.h"

enum {
    BUCKETS = 8192,
    THINGS = 4096, /* times of news, by hash of an id */
    DOMAINS = 32
};

struct entry {
    struct kept_answer answer; /* first: what callers hold is the entry */
    LIST_ENTRY(entry) bucket;
    TAILQ_ENTRY(entry) use;
    struct answer_subject subject;
    int64_t asked_us;
    size_t holders; /* the cache itself counts as one */
    size_t bytes;
    bool is_kept;
    uint32_t target_length;
    char texts[]; /* target, body, tag */
};

LIST_HEAD(entry_bucket, entry);

struct answer_cache {
    size_t bytes_max, bytes;
    uint8_t seed[crypto_shorthash_KEYBYTES];
    TAILQ_HEAD(, entry) used; /* the least recently used first */
    int64_t forgotten_us;     /* whatever was asked for until then is not good */
    int64_t named_us[THINGS];
    int64_t any_us[DOMAINS]; /* when a hint was about anything of the domain */
    struct entry_bucket buckets[BUCKETS];
};

struct answer_cache *answer_cache_new(size_t bytes_max)
{
    struct answer_cache *cache = calloc(1, sizeof *cache);
    if (cache == NULL) abort();
    cache->bytes_max = bytes_max;
    crypto_shorthash_keygen(cache->seed);
    TAILQ_INIT(&cache->used);
    cache->forgotten_us = INT64_MIN;
    for (size_t i = 0; i < THINGS; i++)
        cache->named_us[i] = INT64_MIN;
    for (size_t i = 0; i < DOMAINS; i++)
        cache->any_us[i] = INT64_MIN;
    return cache;
}

static uint64_t hash_of(const struct answer_cache *cache, const void *bytes, size_t length)
{
    uint8_t hash[crypto_shorthash_BYTES];
    uint64_t number;
    static_assert(sizeof number == sizeof hash, "a hash is a number");
    (void)crypto_shorthash(hash, bytes, length, cache->seed);
    memcpy(&number, hash, sizeof number);
    return number;
}

static int64_t *named_at(struct answer_cache *cache, struct uuid id)
{
    return &cache->named_us[hash_of(cache, id.bytes, sizeof id.bytes) % THINGS];
}

static void entry_release(struct entry *entry)
{
    assert(entry->holders > 0);
    if (--entry->holders > 0) return;
    for (int i = 0; i < CODING_COUNT; i++)
        free((void *)(uintptr_t)entry->answer.packed[i].data);
    free(entry);
}

static void entry_drop(struct answer_cache *cache, struct entry *entry)
{
    assert(entry->is_kept);
    entry->is_kept = false;
    LIST_REMOVE(entry, bucket);
    TAILQ_REMOVE(&cache->used, entry, use);
    cache->bytes -= entry->bytes;
    metric_set(METRIC_ANSWERS_KEPT_BYTES, (int64_t)cache->bytes);
    entry_release(entry);
}

void answer_cache_destroy(struct answer_cache **cache)
{
    if (*cache == NULL) return;
    struct entry *entry = TAILQ_FIRST(&(*cache)->used);
    while (entry != NULL) {
        struct entry *next = TAILQ_NEXT(entry, use);
        assert(entry->holders == 1);
        entry_drop(*cache, entry);
        entry = next;
    }
    free(*cache);
    *cache = NULL;
}

/* ---- what is good ---- */

static bool is_good(struct answer_cache *cache, const struct entry *entry, int64_t now_us)
{
    const struct answer_subject *subject = &entry->subject;
    const int64_t asked_us = entry->asked_us;
    if (asked_us <= cache->forgotten_us || now_us - asked_us > ANSWER_CACHE_AGE_US) return false;
    if (uuid_is_zero(subject->id)) return now_us - asked_us < ANSWER_CACHE_LIST_US;
    return asked_us > cache->any_us[subject->domain] && asked_us > *named_at(cache, subject->id);
}

void answer_cache_on_hint(struct answer_cache *cache, const struct hint *hint, int64_t now_us)
{
    if (hint->domain >= DOMAINS) return;
    if (hint->is_about_any) cache->any_us[hint->domain] = now_us;
    for (size_t i = 0; i < hint->ids_count; i++)
        *named_at(cache, hint->ids[i]) = now_us;
}

void answer_cache_forget(struct answer_cache *cache, int64_t now_us)
{
    cache->forgotten_us = now_us;
}

/* ---- finding and keeping ---- */

static struct entry_bucket *bucket_of(struct answer_cache *cache, struct text target)
{
    return &cache->buckets[hash_of(cache, target.data, target.length) % BUCKETS];
}

static struct entry *find_entry(struct answer_cache *cache, struct text target)
{
    struct entry *entry = LIST_FIRST(bucket_of(cache, target));
    while (entry != NULL &&
           !text_equals((struct text){ entry->texts, entry->target_length }, target))
        entry = LIST_NEXT(entry, bucket);
    return entry;
}

const struct kept_answer *answer_cache_find(struct answer_cache *cache, struct text target,
                                            int64_t now_us)
{
    struct entry *entry = find_entry(cache, target);
    if (entry != NULL && !is_good(cache, entry, now_us)) {
        entry_drop(cache, entry);
        entry = NULL;
    }
    metric_add(entry == NULL ? METRIC_ANSWERS_MISSED : METRIC_ANSWERS_FOUND, 1);
    if (entry == NULL) return NULL;
    TAILQ_REMOVE(&cache->used, entry, use);
    TAILQ_INSERT_TAIL(&cache->used, entry, use);
    entry->holders++;
    return &entry->answer;
}

static struct entry *entry_of(const struct kept_answer *answer)
{
    return (struct entry *)(uintptr_t)answer;
}

void answer_cache_release(struct answer_cache *cache, const struct kept_answer *answer)
{
    (void)cache;
    entry_release(entry_of(answer));
}

static void make_room(struct answer_cache *cache)
{
    struct entry *entry = TAILQ_FIRST(&cache->used);
    while (cache->bytes > cache->bytes_max) {
        assert(entry != NULL);
        struct entry *next = TAILQ_NEXT(entry, use);
        entry_drop(cache, entry);
        entry = next;
    }
}

static void entry_count(struct answer_cache *cache, struct entry *entry, size_t bytes)
{
    entry->bytes += bytes;
    cache->bytes += bytes;
    make_room(cache);
    metric_set(METRIC_ANSWERS_KEPT_BYTES, (int64_t)cache->bytes);
}

static struct entry *entry_new(struct text target, struct text body, struct text tag)
{
    struct entry *entry = malloc(sizeof *entry + target.length + body.length + tag.length);
    if (entry == NULL) abort();
    *entry =
        (struct entry){ .holders = 1, .is_kept = true, .target_length = (uint32_t)target.length };
    char *place = entry->texts;
    memcpy(place, target.data, target.length);
    place += target.length;
    memcpy(place, body.data, body.length);
    entry->answer.body = (struct text){ place, body.length };
    place += body.length;
    memcpy(place, tag.data, tag.length);
    entry->answer.tag = (struct text){ place, tag.length };
    return entry;
}

void answer_cache_keep(struct answer_cache *cache, struct text target,
                       const struct answer_subject *subject, int64_t asked_us, struct text body,
                       struct text tag)
{
    assert(subject->domain < DOMAINS);
    assert(tag.length > 0);
    if (cache->bytes_max == 0 || body.length == 0 || body.length > ANSWER_CACHE_BODY_MAX ||
        target.length > ANSWER_CACHE_KEY_MAX)
        return;
    struct entry *before = find_entry(cache, target);
    if (before != NULL) entry_drop(cache, before);
    struct entry *entry = entry_new(target, body, tag);
    entry->subject = *subject;
    entry->asked_us = asked_us;
    LIST_INSERT_HEAD(bucket_of(cache, target), entry, bucket);
    TAILQ_INSERT_TAIL(&cache->used, entry, use);
    entry_count(cache, entry, ANSWER_CACHE_ENTRY_BYTES + target.length + body.length + tag.length);
}

void answer_cache_keep_packed(struct answer_cache *cache, const struct kept_answer *answer,
                              enum coding coding, struct text packed)
{
    assert(coding < CODING_COUNT);
    struct entry *entry = entry_of(answer);
    if (!entry->is_kept || entry->answer.packed[coding].length > 0 || packed.length == 0) return;
    char *copy = malloc(packed.length);
    if (copy == NULL) abort();
    memcpy(copy, packed.data, packed.length);
    entry->answer.packed[coding] = (struct text){ copy, packed.length };
    entry_count(cache, entry, packed.length);
}

size_t answer_cache_bytes(const struct answer_cache *cache)
{
    return cache->bytes;
}
