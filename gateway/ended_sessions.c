/* For each surface a ring in the order in which they came, so that forgetting is moving its
 * beginning, with a chained hash table over its positions. */
#include "gateway/ended_sessions.h"

#include <stdlib.h>
#include <string.h>

#include "messages/values.h"
#include "runtime/log.h"

enum { BUCKETS = 2 * ENDED_SESSIONS_MAX, POLL_ARENA_BYTES = 32768, ALARM_EVERY_US = 60000000 };

struct ended_entry {
    struct uuid session;
    int64_t added_us;      /* monotonic */
    int64_t added_real_us; /* no token of it was issued later, but for clocks that differ */
    uint32_t next;         /* position + 1; 0: none */
};

/* One surface: what its domain has told so far. */
struct ended_source {
    struct ended_sessions *ended;
    const struct surface *surface;
    int64_t after_us;  /* real time, as the domain said it: only later ends are asked for */
    int64_t polled_us; /* monotonic: when it was last asked */
    int64_t heard_us;  /* monotonic: when it last answered */
    bool was_polled, is_polling;
    bool is_known;         /* it has told everything once */
    bool is_stale;         /* it has not answered for ENDED_STALE_US, and the alarm is out */
    int64_t not_before_us; /* real time: whoever ended by then may be forgotten; 0: nobody is */
    int64_t alarmed_us;
    bool was_alarmed;
    size_t first, count;       /* of the ring */
    uint32_t buckets[BUCKETS]; /* position + 1; 0: none */
    struct ended_entry ring[ENDED_SESSIONS_MAX];
};

struct ended_sessions {
    const struct inquirer *inquirer;
    struct api_keys *keys;
    uint64_t seed;
    struct ended_source sources[SURFACES];
};

struct ended_sessions *ended_sessions_new(const struct inquirer *inquirer, struct api_keys *keys)
{
    assert(inquirer != NULL);
    struct ended_sessions *ended = calloc(1, sizeof *ended);
    if (ended == NULL) abort();
    ended->inquirer = inquirer;
    ended->keys = keys;
    inquirer->rng->fill(inquirer->rng->context, &ended->seed, sizeof ended->seed);
    for (size_t i = 0; i < SURFACES; i++) {
        ended->sources[i].ended = ended;
        ended->sources[i].surface = &surfaces[i];
    }
    return ended;
}

void ended_sessions_destroy(struct ended_sessions **ended)
{
    if (*ended == NULL) return;
    assert(!ended_sessions_is_polling(*ended));
    free(*ended);
    *ended = NULL;
}

static struct ended_source *source_of(const struct ended_sessions *ended, enum principal_kind kind)
{
    const struct surface *surface = surface_of(kind);
    assert(surface != NULL);
    return &((struct ended_sessions *)(uintptr_t)ended)->sources[surface - surfaces];
}

/* Ids are random in their second half. The seed is for the day when somebody can choose one. */
static uint32_t *bucket_of(struct ended_source *source, struct uuid session)
{
    uint64_t half;
    memcpy(&half, session.bytes + sizeof half, sizeof half);
    half = (half ^ source->ended->seed) * UINT64_C(0x9e3779b97f4a7c15);
    return &source->buckets[(half >> 32) & (BUCKETS - 1)];
}

bool ended_sessions_have(const struct ended_sessions *ended, enum principal_kind kind,
                         struct uuid session)
{
    struct ended_source *source = source_of(ended, kind);
    if (source->count == 0) return false;
    uint32_t link = *bucket_of(source, session);
    while (link != 0 && !uuid_equals(source->ring[link - 1].session, session))
        link = source->ring[link - 1].next;
    return link != 0;
}

int64_t ended_sessions_not_before_us(const struct ended_sessions *ended, enum principal_kind kind)
{
    return source_of(ended, kind)->not_before_us;
}

bool ended_sessions_are_known(const struct ended_sessions *ended, enum principal_kind kind)
{
    return source_of(ended, kind)->is_known;
}

size_t ended_sessions_count(const struct ended_sessions *ended, enum principal_kind kind)
{
    return source_of(ended, kind)->count;
}

static void forget_oldest(struct ended_source *source)
{
    assert(source->count > 0);
    const uint32_t position = (uint32_t)source->first + 1;
    uint32_t *link = bucket_of(source, source->ring[source->first].session);
    while (*link != position)
        link = &source->ring[*link - 1].next;
    *link = source->ring[source->first].next;
    source->first = (source->first + 1) % ENDED_SESSIONS_MAX;
    source->count--;
}

/* Once a minute, or a storm of logouts would fill the log. */
static void alarm_full(struct ended_source *source, int64_t now_us)
{
    if (source->was_alarmed && now_us - source->alarmed_us < ALARM_EVERY_US) return;
    source->was_alarmed = true;
    source->alarmed_us = now_us;
    log_error("ended_sessions_full", LOG_STRING("audience", source->surface->audience),
              LOG_INT("remembered", ENDED_SESSIONS_MAX));
}

/* What is forgotten while a token of it may live must not open anything: with it all tokens of the
 * surface that are as old have to be exchanged. */
static void make_room(struct ended_source *source, int64_t now_us)
{
    const int64_t not_before_us = source->ring[source->first].added_real_us + ENDED_SKEW_US;
    if (not_before_us > source->not_before_us) source->not_before_us = not_before_us;
    alarm_full(source, now_us);
    forget_oldest(source);
}

static void source_add(struct ended_source *source, struct uuid session)
{
    const struct inquirer *inquirer = source->ended->inquirer;
    const int64_t now_us = inquirer_now_us(inquirer);
    /* The zero id means "no session" in a token: to have it would be to refuse everybody. */
    if (uuid_is_zero(session) || ended_sessions_have(source->ended, source->surface->kind, session))
        return;
    if (source->count == ENDED_SESSIONS_MAX) make_room(source, now_us);
    const size_t position = (source->first + source->count) % ENDED_SESSIONS_MAX;
    uint32_t *bucket = bucket_of(source, session);
    source->ring[position] = (struct ended_entry){ .session = session,
                                                   .added_us = now_us,
                                                   .added_real_us = inquirer_real_us(inquirer),
                                                   .next = *bucket };
    *bucket = (uint32_t)position + 1;
    source->count++;
}

void ended_sessions_add(struct ended_sessions *ended, enum principal_kind kind, struct uuid session)
{
    source_add(source_of(ended, kind), session);
}

/* ---- asking ---- */

static enum status poll_page(struct ended_source *source, struct arena *arena, bool *ret_has_more)
{
    struct ended_sessions *ended = source->ended;
    const struct identity_list_ended_sessions question = { .after_us = source->after_us };
    struct common_ended_sessions answer;
    *ret_has_more = false;
    const enum status status = inquire(
        ended->inquirer, source->surface->messages->list_ended_sessions, &question, arena, &answer);
    /* A domain of an older version has no sessions that could end. */
    if (status == STATUS_OK || status == STATUS_UNSUPPORTED)
        source->heard_us = inquirer_now_us(ended->inquirer);
    if (status == STATUS_UNSUPPORTED) return STATUS_OK;
    TRY(status);
    for (size_t i = 0; i < answer.session_ids_count; i++)
        source_add(source, answer.session_ids[i]);
    if (ended->keys != NULL) api_keys_forget(ended->keys, answer.key_ids, answer.key_ids_count);
    *ret_has_more = answer.has_more && answer.ended_through_us > source->after_us;
    if (answer.ended_through_us > source->after_us) source->after_us = answer.ended_through_us;
    return STATUS_OK;
}

static void source_poll(void *argument)
{
    struct ended_source *source = argument;
    struct arena *arena = arena_new(POLL_ARENA_BYTES);
    enum status status = STATUS_OK;
    bool has_more = true;
    for (int page = 0; page < ENDED_PAGES_MAX && has_more && status == STATUS_OK; page++) {
        status = poll_page(source, arena, &has_more);
        arena_reset(arena);
    }
    arena_destroy(&arena);
    source->is_polling = false;
    if (status == STATUS_OK && !has_more) source->is_known = true;
    if (status == STATUS_OK && source->is_stale) {
        source->is_stale = false;
        log_info("ended_sessions_heard_again",
                 LOG_STRING("message", source->surface->messages->list_ended_sessions->name));
    }
}

static void alarm_stale(struct ended_source *source, int64_t now_us)
{
    if (source->is_stale || now_us - source->heard_us < ENDED_STALE_US) return;
    source->is_stale = true;
    log_error("ended_sessions_not_heard",
              LOG_STRING("message", source->surface->messages->list_ended_sessions->name),
              LOG_INT("seconds", (now_us - source->heard_us) / 1000000));
}

void ended_sessions_tick(struct ended_sessions *ended, enum principal_kind kind)
{
    const int64_t now_us = inquirer_now_us(ended->inquirer);
    struct ended_source *source = source_of(ended, kind);
    while (source->count > 0 && now_us - source->ring[source->first].added_us > ENDED_KEPT_US)
        forget_oldest(source);
    if (!source->was_polled) {
        source->after_us = inquirer_real_us(ended->inquirer) - ENDED_KEPT_US;
        source->heard_us = now_us;
    }
    alarm_stale(source, now_us);
    const int64_t interval_us = source->is_known ? ENDED_POLL_US : ENDED_RETRY_US;
    if (source->is_polling || (source->was_polled && now_us - source->polled_us < interval_us))
        return;
    source->was_polled = true;
    source->polled_us = now_us;
    source->is_polling = true;
    if (fiber_spawn(ended->inquirer->fibers, source_poll, source) != STATUS_OK)
        source->is_polling = false;
}

bool ended_sessions_is_polling(const struct ended_sessions *ended)
{
    for (size_t i = 0; i < SURFACES; i++) {
        if (ended->sources[i].is_polling) return true;
    }
    return false;
}
