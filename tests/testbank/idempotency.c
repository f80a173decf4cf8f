/* A table of answers by account and key. */
#include "tests/testbank/idempotency.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS_AT_FIRST = 1024 };

struct entry {
    struct entry *next;
    uint64_t hash;
    unsigned account;
    struct text key;
    uint8_t digest[IDEMPOTENCY_DIGEST_BYTES];
    int64_t kept_us, running_until_us;
    struct stored_answer answer;
};

struct idempotency {
    struct arena *arena;
    struct entry **buckets;
    size_t buckets_count, count;
};

struct idempotency *idempotency_new(struct arena *arena)
{
    struct idempotency *answers = calloc(1, sizeof *answers);
    if (answers == NULL) abort();
    answers->arena = arena;
    answers->buckets_count = BUCKETS_AT_FIRST;
    answers->buckets = calloc(answers->buckets_count, sizeof(struct entry *));
    if (answers->buckets == NULL) abort();
    return answers;
}

void idempotency_destroy(struct idempotency **answers)
{
    if (*answers == NULL) return;
    free((*answers)->buckets);
    free(*answers);
    *answers = NULL;
}

/* FNV-1a: who chooses keys here is a test, not an attacker. */
static uint64_t hash_of(unsigned account, struct text key)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ account;
    for (size_t i = 0; i < key.length; i++) {
        hash = (hash ^ (unsigned char)key.data[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static struct entry *find(const struct idempotency *answers, unsigned account, struct text key)
{
    const uint64_t hash = hash_of(account, key);
    struct entry *entry = answers->buckets[hash % answers->buckets_count];
    while (entry != NULL && !(entry->account == account && text_equals(entry->key, key)))
        entry = entry->next;
    return entry;
}

enum idempotency_case idempotency_look(const struct idempotency *answers, unsigned account,
                                       struct text key,
                                       const uint8_t digest[IDEMPOTENCY_DIGEST_BYTES],
                                       int64_t now_us, const struct stored_answer **ret_answer)
{
    const struct entry *entry = find(answers, account, key);
    if (entry == NULL || now_us - entry->kept_us >= IDEMPOTENCY_LIFE_US) return IDEMPOTENCY_NEW;
    if (memcmp(entry->digest, digest, IDEMPOTENCY_DIGEST_BYTES) != 0) return IDEMPOTENCY_OTHER;
    if (now_us < entry->running_until_us) return IDEMPOTENCY_RUNNING;
    *ret_answer = &entry->answer;
    return IDEMPOTENCY_AGAIN;
}

static void grow(struct idempotency *answers)
{
    const size_t count = answers->buckets_count * 2;
    struct entry **buckets = calloc(count, sizeof(struct entry *));
    if (buckets == NULL) abort();
    for (size_t i = 0; i < answers->buckets_count; i++) {
        struct entry *next;
        for (struct entry *entry = answers->buckets[i]; entry != NULL; entry = next) {
            next = entry->next;
            entry->next = buckets[entry->hash % count];
            buckets[entry->hash % count] = entry;
        }
    }
    free(answers->buckets);
    answers->buckets = buckets;
    answers->buckets_count = count;
}

void idempotency_keep(struct idempotency *answers, unsigned account, struct text key,
                      const uint8_t digest[IDEMPOTENCY_DIGEST_BYTES], int64_t now_us,
                      int64_t running_until_us, const struct stored_answer *answer)
{
    struct entry *entry = find(answers, account, key);
    if (entry == NULL) {
        if (answers->count == answers->buckets_count) grow(answers);
        entry = arena_allocate(answers->arena, sizeof *entry);
        entry->hash = hash_of(account, key);
        entry->account = account;
        entry->key = text_copy(answers->arena, key);
        struct entry **bucket = &answers->buckets[entry->hash % answers->buckets_count];
        entry->next = *bucket;
        *bucket = entry;
        answers->count++;
    }
    memcpy(entry->digest, digest, IDEMPOTENCY_DIGEST_BYTES);
    entry->kept_us = now_us;
    entry->running_until_us = running_until_us;
    entry->answer = (struct stored_answer){
        .code = answer->code,
        .body = text_copy(answers->arena, answer->body),
        .request_id = text_copy(answers->arena, answer->request_id),
    };
}
