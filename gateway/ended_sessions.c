/* A ring in the order in which they came, so that forgetting is moving its beginning, with a
 * chained hash table over its positions. */
#include "gateway/ended_sessions.h"

#include <stdlib.h>
#include <string.h>

#include "messages/values.h"
#include "runtime/log.h"

enum { BUCKETS = 2 * ENDED_SESSIONS_MAX, POLL_ARENA_BYTES = 16384, ALARM_EVERY_US = 60000000 };

struct ended_entry {
    struct uuid session;
    int64_t added_us; /* monotonic */
    uint32_t next;    /* position + 1; 0: none */
};

/* What one domain has told so far. */
struct ended_source {
    struct ended_sessions *ended;
    const struct surface *surface;
    int64_t after_us;  /* real time, as the domain said it: only later ends are asked for */
    int64_t polled_us; /* monotonic: when it was last asked */
    int64_t heard_us;  /* monotonic: when it last answered */
    bool was_polled, is_polling;
    bool is_stale; /* it has not answered for ENDED_STALE_US, and the alarm is out */
};

struct ended_sessions {
    const struct inquirer *inquirer;
    struct ended_source sources[SURFACES];
    size_t first, count; /* of the ring */
    int64_t alarmed_us;
    bool was_alarmed;
    uint64_t seed;
    uint32_t buckets[BUCKETS]; /* position + 1; 0: none */
    struct ended_entry ring[ENDED_SESSIONS_MAX];
};

struct ended_sessions *ended_sessions_new(const struct inquirer *inquirer)
{
    assert(inquirer != NULL);
    struct ended_sessions *ended = calloc(1, sizeof *ended);
    if (ended == NULL) abort();
    ended->inquirer = inquirer;
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

/* Ids are random in their second half. The seed is for the day when somebody can choose one. */
static uint32_t *bucket_of(struct ended_sessions *ended, struct uuid session)
{
    uint64_t half;
    memcpy(&half, session.bytes + sizeof half, sizeof half);
    half = (half ^ ended->seed) * UINT64_C(0x9e3779b97f4a7c15);
    return &ended->buckets[(half >> 32) & (BUCKETS - 1)];
}

bool ended_sessions_have(const struct ended_sessions *ended, struct uuid session)
{
    if (ended->count == 0) return false;
    uint32_t link = *bucket_of((struct ended_sessions *)(uintptr_t)ended, session);
    while (link != 0 && !uuid_equals(ended->ring[link - 1].session, session))
        link = ended->ring[link - 1].next;
    return link != 0;
}

size_t ended_sessions_count(const struct ended_sessions *ended)
{
    return ended->count;
}

static void forget_oldest(struct ended_sessions *ended)
{
    assert(ended->count > 0);
    const uint32_t position = (uint32_t)ended->first + 1;
    uint32_t *link = bucket_of(ended, ended->ring[ended->first].session);
    while (*link != position)
        link = &ended->ring[*link - 1].next;
    *link = ended->ring[ended->first].next;
    ended->first = (ended->first + 1) % ENDED_SESSIONS_MAX;
    ended->count--;
}

/* What is forgotten too early is good again until its tokens expire, so this is an alarm; once a
 * minute, or a storm of logouts would fill the log. */
static void alarm_full(struct ended_sessions *ended, int64_t now_us)
{
    if (ended->was_alarmed && now_us - ended->alarmed_us < ALARM_EVERY_US) return;
    ended->was_alarmed = true;
    ended->alarmed_us = now_us;
    log_error("ended_sessions_full", LOG_INT("remembered", ENDED_SESSIONS_MAX));
}

void ended_sessions_add(struct ended_sessions *ended, struct uuid session)
{
    const int64_t now_us = inquirer_now_us(ended->inquirer);
    /* The zero id means "no session" in a token: to have it would be to refuse everybody. */
    if (uuid_is_zero(session) || ended_sessions_have(ended, session)) return;
    if (ended->count == ENDED_SESSIONS_MAX) {
        alarm_full(ended, now_us);
        forget_oldest(ended);
    }
    const size_t position = (ended->first + ended->count) % ENDED_SESSIONS_MAX;
    uint32_t *bucket = bucket_of(ended, session);
    ended->ring[position] =
        (struct ended_entry){ .session = session, .added_us = now_us, .next = *bucket };
    *bucket = (uint32_t)position + 1;
    ended->count++;
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
        ended_sessions_add(ended, answer.session_ids[i]);
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
    while (ended->count > 0 && now_us - ended->ring[ended->first].added_us > ENDED_KEPT_US)
        forget_oldest(ended);
    struct ended_source *source = &ended->sources[surface_of(kind) - surfaces];
    if (!source->was_polled) {
        source->after_us = inquirer_real_us(ended->inquirer) - ENDED_KEPT_US;
        source->heard_us = now_us;
    }
    alarm_stale(source, now_us);
    if (source->is_polling || (source->was_polled && now_us - source->polled_us < ENDED_POLL_US))
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
