/* A hash table of feeds by question and position, a list of them per shard for hints, a queue of
 * those that are to be asked, and a fiber per question under way. */
#include "gateway/feed.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/event_text.h"
#include "messages/codec_json.h"
#include "messages/codec_msgpack.h"
#include "runtime/loop.h"
#include "runtime/metrics.h"
#include "runtime/secret.h"

enum {
    BUCKETS = 16384,
    KEY_BYTES = 16,
    ASK_ARENA_BYTES = 8192,
    SCRATCH_BYTES = 4096,
    ASK_DEADLINE_US = 5000000,
    ANY_SHARD = SHARD_COUNT,
    LISTS = SHARD_COUNT + 1,
    HINTED_EVENTS = 0,
    HINTED_NEWS = 1,
    HINTED_KINDS = 2
};

/* Its texts stand behind it in the same memory. */
struct feed {
    uint8_t key[KEY_BYTES];
    struct feed *next_in_bucket;
    struct feed *previous, *next; /* of its shard's list */
    struct feed *next_in_queue;   /* of those to be asked, or of those answered */
    struct feed_question question;
    uint64_t mark; /* of its subject (hint.h) */
    struct text position;
    struct feed_member *first;
    size_t ready; /* members that are not busy */
    int64_t asked_us;
    bool is_queued, is_asking;
    bool is_stale; /* there may be something new */
    struct feed_answer answer;
};

struct feed_queue {
    struct feed *first, *last;
};

struct feeds {
    struct feeds_options options;
    struct arena *scratch;
    uint64_t seed;
    size_t count, asking;
    struct feed_queue due, answered;
    /* Marks (hint.h) by domain and shard: of events, of whatever has something new. */
    uint64_t hinted[HINTED_KINDS][DOMAIN_LIMIT][SHARD_COUNT];
    uint64_t hinted_shards; /* as bits */
    struct timer linger;
    int64_t lingered_us; /* when those who were hinted at were last asked */
    struct feed *lists[LISTS];
    struct feed *buckets[BUCKETS];
};

static void queue_append(struct feed_queue *queue, struct feed *feed)
{
    feed->next_in_queue = NULL;
    if (queue->last != NULL)
        queue->last->next_in_queue = feed;
    else
        queue->first = feed;
    queue->last = feed;
}

static struct feed *queue_take(struct feed_queue *queue)
{
    struct feed *feed = queue->first;
    if (feed == NULL) return NULL;
    queue->first = feed->next_in_queue;
    if (queue->first == NULL) queue->last = NULL;
    return feed;
}

/* ---- which are to be asked ---- */

static void feed_wish(struct feeds *feeds, struct feed *feed)
{
    if (!feed->is_stale || feed->is_queued || feed->is_asking || feed->ready == 0) return;
    feed->is_queued = true;
    queue_append(&feeds->due, feed);
    loop_wake(feeds->options.loop);
}

void feeds_ask_soon(struct feeds *feeds, struct feed *feed)
{
    feed->is_stale = true;
    feed_wish(feeds, feed);
}

static uint64_t marks_in(const uint64_t marks[SHARD_COUNT], unsigned list)
{
    uint64_t all = 0;
    if (list != ANY_SHARD) return marks[list];
    for (unsigned shard = 0; shard < SHARD_COUNT; shard++)
        all |= marks[shard];
    return all;
}

static void wake_list(struct feeds *feeds, unsigned list)
{
    for (struct feed *feed = feeds->lists[list]; feed != NULL; feed = feed->next) {
        const struct route *route = feed->question.route;
        const enum domain domain = route->message->domain;
        uint64_t marks = marks_in(feeds->hinted[HINTED_NEWS][domain], list);
        if (!route->is_hinted_by_principal)
            marks |= marks_in(feeds->hinted[HINTED_EVENTS][domain], list);
        if ((marks & feed->mark) != 0) feeds_ask_soon(feeds, feed);
    }
}

static void on_lingered(struct timer *timer)
{
    struct feeds *feeds = CONTAINER_OF(timer, struct feeds, linger);
    for (unsigned shard = 0; shard < SHARD_COUNT; shard++) {
        if ((feeds->hinted_shards >> shard & 1) != 0) wake_list(feeds, shard);
    }
    wake_list(feeds, ANY_SHARD);
    memset(feeds->hinted, 0, sizeof feeds->hinted);
    feeds->hinted_shards = 0;
    feeds->lingered_us = loop_now_us(feeds->options.loop);
}

/* The first one is not kept waiting; those that follow it at once are. */
void feeds_on_hint(struct feeds *feeds, const struct hint *hint)
{
    if (hint->domain >= DOMAIN_LIMIT || hint->shard >= SHARD_COUNT || feeds->count == 0) return;
    feeds->hinted[hint->sequence == 0 ? HINTED_NEWS : HINTED_EVENTS][hint->domain][hint->shard] |=
        hint_marks(hint);
    feeds->hinted_shards |= UINT64_C(1) << hint->shard;
    if (timer_is_started(&feeds->linger)) return;
    struct loop *loop = feeds->options.loop;
    const int64_t soon_us = loop_now_us(loop) + FEED_GATHER_US;
    const int64_t next_us = feeds->lingered_us + FEED_LINGER_US;
    timer_start(loop_timers(loop), &feeds->linger, soon_us > next_us ? soon_us : next_us);
}

void feeds_tick(struct feeds *feeds, int64_t now_us)
{
    for (size_t i = 0; i < LISTS; i++) {
        for (struct feed *feed = feeds->lists[i]; feed != NULL; feed = feed->next)
            if (now_us - feed->asked_us >= FEED_POLL_US) feeds_ask_soon(feeds, feed);
    }
}

/* ---- the table ---- */

static void add_bytes(struct text_builder *out, const void *data, size_t length)
{
    text_builder_add(out, (struct text){ data, length });
}

/* Two members may share an answer if whoever asks gets the same: the same question by the same
 * principal with the same rights. Its session is its own, and is watched by the streams. */
static void key_of(struct feeds *feeds, const struct feed_question *question, struct text position,
                   uint8_t ret_key[KEY_BYTES])
{
    const struct principal *principal = &question->principal;
    const uint8_t kinds[] = { (uint8_t)principal->kind, principal->is_api_key };
    const struct message *message = question->route->message;
    struct text_builder out;
    arena_reset(feeds->scratch);
    text_builder_init(&out, feeds->scratch, ENVELOPE_BODY_MAX);
    add_bytes(&out, &feeds->seed, sizeof feeds->seed);
    add_bytes(&out, &message->number, sizeof message->number);
    add_bytes(&out, kinds, sizeof kinds);
    add_bytes(&out, &principal->id, sizeof principal->id);
    add_bytes(&out, &principal->actor, sizeof principal->actor);
    add_bytes(&out, &principal->rights, sizeof principal->rights);
    add_bytes(&out, &question->body.length, sizeof question->body.length);
    text_builder_add(&out, question->body);
    text_builder_add(&out, position);
    secret_digest(text_builder_view(&out), ret_key, KEY_BYTES);
}

static struct feed **bucket_of(struct feeds *feeds, const uint8_t key[KEY_BYTES])
{
    uint32_t hash;
    memcpy(&hash, key, sizeof hash);
    return &feeds->buckets[hash % BUCKETS];
}

static struct text keep_text(char **at, struct text text)
{
    char *copy = *at;
    if (text.length > 0) memcpy(copy, text.data, text.length);
    *at += text.length;
    return (struct text){ copy, text.length };
}

static unsigned list_of(const struct feed_question *question)
{
    return uuid_is_zero(question->subject) ? ANY_SHARD : uuid_shard(question->subject);
}

static struct feed *feed_new(struct feeds *feeds, const struct feed_question *question,
                             struct text position, const uint8_t key[KEY_BYTES])
{
    const size_t length = question->body.length + question->request_id.length +
                          question->client.length + position.length;
    struct feed *feed = calloc(1, sizeof *feed + length);
    if (feed == NULL) abort();
    char *at = (char *)(feed + 1);
    memcpy(feed->key, key, KEY_BYTES);
    feed->question = *question;
    feed->question.body = keep_text(&at, question->body);
    feed->question.request_id = keep_text(&at, question->request_id);
    feed->question.client = keep_text(&at, question->client);
    feed->position = keep_text(&at, position);
    feed->asked_us = inquirer_now_us(feeds->options.inquirer);
    struct feed **bucket = bucket_of(feeds, key);
    feed->next_in_bucket = *bucket;
    *bucket = feed;
    feed->mark = uuid_is_zero(question->subject) ? UINT64_MAX : hint_mark(question->subject);
    struct feed **list = &feeds->lists[list_of(question)];
    feed->next = *list;
    if (feed->next != NULL) feed->next->previous = feed;
    *list = feed;
    feeds->count++;
    metric_set(METRIC_HTTP_STREAM_FEEDS, (int64_t)feeds->count);
    return feed;
}

/* Not while it is queued or asked: then it goes when that ends. */
static void feed_free_unused(struct feeds *feeds, struct feed *feed)
{
    if (feed->first != NULL || feed->is_queued || feed->is_asking) return;
    struct feed **link = bucket_of(feeds, feed->key);
    while (*link != feed)
        link = &(*link)->next_in_bucket;
    *link = feed->next_in_bucket;
    if (feed->next != NULL) feed->next->previous = feed->previous;
    if (feed->previous != NULL)
        feed->previous->next = feed->next;
    else
        feeds->lists[list_of(&feed->question)] = feed->next;
    feeds->count--;
    metric_set(METRIC_HTTP_STREAM_FEEDS, (int64_t)feeds->count);
    free(feed);
}

static struct feed *feed_at(struct feeds *feeds, const struct feed_question *question,
                            struct text position)
{
    uint8_t key[KEY_BYTES];
    key_of(feeds, question, position, key);
    struct feed *feed = *bucket_of(feeds, key);
    while (feed != NULL && memcmp(feed->key, key, KEY_BYTES) != 0)
        feed = feed->next_in_bucket;
    return feed != NULL ? feed : feed_new(feeds, question, position, key);
}

/* ---- members ---- */

void feeds_prolong(struct feed_member *member, const struct principal *principal)
{
    struct feed *feed = member->feed;
    if (feed != NULL && principal->expires_at_us > feed->question.principal.expires_at_us)
        feed->question.principal = *principal;
}

static void feed_add(struct feeds *feeds, struct feed *feed, struct feed_member *member,
                     const struct principal *principal)
{
    assert(member->feed == NULL);
    member->feed = feed;
    member->previous = NULL;
    member->next = feed->first;
    if (member->next != NULL) member->next->previous = member;
    feed->first = member;
    if (!member->is_busy) feed->ready++;
    /* Domains look at the time of a principal: the feed's is that of the one that lives longest. */
    feeds_prolong(member, principal);
    feed_wish(feeds, feed);
}

static void feed_remove(struct feed *feed, struct feed_member *member)
{
    assert(member->feed == feed);
    if (member->next != NULL) member->next->previous = member->previous;
    if (member->previous != NULL)
        member->previous->next = member->next;
    else
        feed->first = member->next;
    if (!member->is_busy) feed->ready--;
    member->feed = NULL;
}

void feeds_join(struct feeds *feeds, struct feed_member *member,
                const struct feed_question *question, struct text position)
{
    struct feed *feed = feed_at(feeds, question, position);
    feed_add(feeds, feed, member, &question->principal);
    /* What has come since the first page was read may have been hinted at already. */
    feeds_ask_soon(feeds, feed);
}

void feeds_move(struct feeds *feeds, struct feed_member *member, struct text position)
{
    struct feed *from = member->feed;
    struct feed *to = feed_at(feeds, &from->question, position);
    const bool is_stale = from->is_stale;
    if (to == from) return;
    feed_remove(from, member);
    feed_add(feeds, to, member, &from->question.principal);
    if (is_stale) feeds_ask_soon(feeds, to);
    feed_free_unused(feeds, from);
}

void feeds_leave(struct feeds *feeds, struct feed_member *member)
{
    struct feed *feed = member->feed;
    if (feed == NULL) return;
    feed_remove(feed, member);
    feed_free_unused(feeds, feed);
}

void feeds_set_busy(struct feeds *feeds, struct feed_member *member, bool is_busy)
{
    if (member->is_busy == is_busy) return;
    member->is_busy = is_busy;
    if (member->feed == NULL) return;
    if (is_busy)
        member->feed->ready--;
    else
        member->feed->ready++;
    feed_wish(feeds, member->feed);
}

struct feed_member *feed_members(const struct feed *feed)
{
    return feed->first;
}

const struct feed_question *feed_question_of(const struct feed *feed)
{
    return &feed->question;
}

/* ---- asking ---- */

struct feed_ask {
    struct feeds *feeds;
    struct feed *feed;
    struct envelope request, reply;
};

/* The query with the feed's position in it. Statuses: OK, and those of the codecs, for what was
 * good when it came. */
static enum status ask_prepare(struct feed_ask *ask, struct arena *arena)
{
    const struct inquirer *inquirer = ask->feeds->options.inquirer;
    const struct feed_question *question = &ask->feed->question;
    const struct message *message = question->route->message;
    struct envelope *request = &ask->request;
    uint8_t random[10];
    inquirer->rng->fill(inquirer->rng->context, random, sizeof random);
    request->kind = ENVELOPE_REQUEST;
    request->domain = (uint8_t)message->domain;
    request->number = message->number;
    request->msg_id = uuid_make(inquirer_real_us(inquirer), random, random[9] % SHARD_COUNT);
    request->principal = question->principal;
    principal_prove(ask->feeds->options.principal_key, request->msg_id, &request->principal,
                    request->principal_proof);
    request->request_id = text_copy(arena, question->request_id);
    request->client = text_copy(arena, question->client);
    void *body = arena_allocate(arena, message->body->size);
    TRY(msgpack_decode(message->body, question->body, arena, body));
    if (ask->feed->position.length > 0) {
        TRY(json_decode_text(event_text_after(message->body), ask->feed->position, arena, body,
                             NULL));
    }
    return msgpack_encode(message->body, body, arena, ENVELOPE_BODY_MAX, &request->body);
}

static enum status ask_once(struct feed_ask *ask, struct feed_answer *answer)
{
    const struct inquirer *inquirer = ask->feeds->options.inquirer;
    const struct message *message = ask->feed->question.route->message;
    const struct backend *backend = inquirer->backend;
    TRY(ask_prepare(ask, answer->arena));
    TRY(backend->ask(backend->context, &ask->request, inquirer_now_us(inquirer) + ASK_DEADLINE_US,
                     answer->arena, &ask->reply));
    TRY(ask->reply.status);
    answer->value = arena_allocate(answer->arena, message->reply->size);
    return msgpack_decode(message->reply, ask->reply.body, answer->arena, answer->value);
}

static void ask_in_fiber(void *argument)
{
    struct feed_ask *ask = argument;
    struct feeds *feeds = ask->feeds;
    struct feed *feed = ask->feed;
    feed->answer.status = ask_once(ask, &feed->answer);
    /* Not handed out here: OpenSSL does not fit a fiber's stack. */
    queue_append(&feeds->answered, feed);
    loop_wake(feeds->options.loop);
}

static void feed_end_ask(struct feeds *feeds, struct feed *feed)
{
    arena_destroy(&feed->answer.arena);
    feed->answer = (struct feed_answer){ .arena = NULL };
    feed->is_asking = false;
    feeds->asking--;
    feed_wish(feeds, feed);
    feed_free_unused(feeds, feed);
}

static void feed_ask(struct feeds *feeds, struct feed *feed)
{
    feed->is_queued = false;
    if (feed->ready == 0) {
        feed_free_unused(feeds, feed);
        return;
    }
    struct arena *arena = arena_new(ASK_ARENA_BYTES);
    struct feed_ask *ask = arena_allocate(arena, sizeof *ask);
    *ask = (struct feed_ask){ .feeds = feeds, .feed = feed };
    feed->answer = (struct feed_answer){ .arena = arena };
    feed->is_stale = false;
    feed->is_asking = true;
    feed->asked_us = inquirer_now_us(feeds->options.inquirer);
    feeds->asking++;
    metric_add(METRIC_HTTP_STREAM_ASKS, 1);
    /* Without a fiber it is asked at its next time. */
    if (fiber_spawn(feeds->options.inquirer->fibers, ask_in_fiber, ask) != STATUS_OK)
        feed_end_ask(feeds, feed);
}

void feeds_end_turn(struct feeds *feeds)
{
    for (struct feed *feed; (feed = queue_take(&feeds->answered)) != NULL;) {
        if (feed->first != NULL)
            feeds->options.on_answer(feeds->options.context, feed, &feed->answer);
        feed_end_ask(feeds, feed);
    }
    while (feeds->asking < FEED_ASKS_MAX && feeds->due.first != NULL)
        feed_ask(feeds, queue_take(&feeds->due));
}

/* ---- all of them ---- */

struct feeds *feeds_new(const struct feeds_options *options)
{
    assert(options->on_answer != NULL);
    struct feeds *feeds = calloc(1, sizeof *feeds);
    if (feeds == NULL) abort();
    feeds->options = *options;
    feeds->scratch = arena_new(SCRATCH_BYTES);
    feeds->linger.on_fire = on_lingered;
    options->inquirer->rng->fill(options->inquirer->rng->context, &feeds->seed, sizeof feeds->seed);
    return feeds;
}

void feeds_destroy(struct feeds **feeds)
{
    struct feeds *gone = *feeds;
    if (gone == NULL) return;
    assert(gone->asking == 0);
    for (struct feed *feed; (feed = queue_take(&gone->due)) != NULL;) {
        feed->is_queued = false;
        feed_free_unused(gone, feed);
    }
    assert(gone->count == 0);
    timer_stop(loop_timers(gone->options.loop), &gone->linger);
    arena_destroy(&gone->scratch);
    free(gone);
    *feeds = NULL;
}

size_t feeds_count(const struct feeds *feeds)
{
    return feeds->count;
}

bool feeds_are_asking(const struct feeds *feeds)
{
    return feeds->asking > 0;
}
