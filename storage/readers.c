/* A fixed table of shares, one per asker (or a few of them whose hashes fall together), and a ring
 * of those that have reads waiting. */
#include "storage/readers.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/metrics.h"

enum {
    SHARES_COUNT = 256,
    SHARE_READS_MAX = 16, /* of one asker under way at once, however cheap */
    FIRST_READ_US = 500,  /* what a read is believed to cost before the first */
    SLOW_US = 3000,       /* a connection with a read that has run for that long is avoided */
    WEIGHT_OF_NEWEST = 4  /* a quarter */
};

struct share {
    struct read *first, *last; /* that wait */
    size_t under_way;
    uint8_t on_connection[READERS_COUNT_MAX]; /* of these */
    int64_t mean_us;                          /* of a read */
    struct share *next_in_ring;               /* NULL: it is not in the ring */
};

struct place {
    struct readers *readers;
    struct connection *connection;
    size_t under_way;
    int64_t busy_since_us; /* when the read at its head began; with under_way > 0 */
};

struct readers {
    struct loop *loop;
    struct place places[READERS_COUNT_MAX];
    size_t count, up;
    struct share house;
    struct share shares[SHARES_COUNT];
    struct share *turn; /* the last of the ring; NULL: nobody waits */
    size_t waiting;
    struct read *refused; /* too many waited; answered by the timer */
    struct timer refuse_timer;
    bool is_destroyed;
};

/* ---- queues ---- */

static void ring_add(struct readers *readers, struct share *share)
{
    if (share == &readers->house || share->next_in_ring != NULL) return;
    if (readers->turn == NULL) {
        share->next_in_ring = share;
    } else {
        share->next_in_ring = readers->turn->next_in_ring;
        readers->turn->next_in_ring = share;
    }
    readers->turn = share;
}

/* Takes out the one behind `previous`. */
static void ring_remove_next(struct readers *readers, struct share *previous)
{
    struct share *gone = previous->next_in_ring;
    previous->next_in_ring = gone->next_in_ring;
    gone->next_in_ring = NULL;
    if (readers->turn != gone) return;
    readers->turn = previous == gone ? NULL : previous;
}

static void share_push(struct share *share, struct read *read)
{
    read->is_queued = true;
    read->next = NULL;
    read->previous = share->last;
    if (share->last != NULL)
        share->last->next = read;
    else
        share->first = read;
    share->last = read;
}

/* The share may stay in the ring with nothing to send: its turn finds that out. */
static void share_remove(struct share *share, struct read *read)
{
    assert(read->is_queued);
    read->is_queued = false;
    if (read->previous != NULL)
        read->previous->next = read->next;
    else
        share->first = read->next;
    if (read->next != NULL)
        read->next->previous = read->previous;
    else
        share->last = read->previous;
    read->previous = read->next = NULL;
}

/* ---- whose read is sent where ---- */

static size_t share_connections(const struct readers *readers, const struct share *share)
{
    size_t used = 0;
    for (size_t i = 0; i < readers->count; i++)
        used += share->on_connection[i] > 0 ? 1 : 0;
    return used;
}

static size_t share_allowed(const struct readers *readers, const struct share *share)
{
    if (share == &readers->house) return READERS_DEPTH * readers->count;
    const int64_t mean_us = share->mean_us == 0 ? FIRST_READ_US : share->mean_us;
    const int64_t allowed = READERS_SHARE_US / mean_us;
    return allowed < 1 ? 1 : allowed > SHARE_READS_MAX ? SHARE_READS_MAX : (size_t)allowed;
}

/* The more the worse: one more read waits behind so many. */
static size_t place_burden(const struct place *place, int64_t now_us)
{
    const bool is_slow = place->under_way > 0 && now_us - place->busy_since_us > SLOW_US;
    return place->under_way + (is_slow ? READERS_DEPTH : 0);
}

static bool has_room(const struct readers *readers)
{
    for (size_t i = 0; i < readers->count; i++) {
        if (readers->places[i].under_way < READERS_DEPTH) return true;
    }
    return false;
}

/* Where the share's next read would go; NULL: nowhere now. */
static struct place *find_place(struct readers *readers, const struct share *share, int64_t now_us)
{
    if (share->under_way >= share_allowed(readers, share)) return NULL;
    const size_t most = readers->count > 1 ? readers->count / 2 : 1;
    const bool is_bound = share != &readers->house && share_connections(readers, share) >= most;
    struct place *best = NULL;
    for (size_t i = 0; i < readers->count; i++) {
        struct place *place = &readers->places[i];
        if (!connection_is_up(place->connection) || place->under_way >= READERS_DEPTH) continue;
        if (is_bound && share->on_connection[i] == 0) continue;
        if (best == NULL || place_burden(place, now_us) < place_burden(best, now_us)) best = place;
    }
    return best;
}

static void send_read(struct readers *readers, struct share *share, struct place *place,
                      int64_t now_us)
{
    struct read *read = share->first;
    share_remove(share, read);
    readers->waiting--;
    read->connection = (unsigned)(place - readers->places);
    read->sent_us = now_us;
    share->under_way++;
    share->on_connection[read->connection]++;
    if (place->under_way++ == 0) place->busy_since_us = now_us;
    struct store *store = connection_store(place->connection);
    store->submit(store->context, &read->segment);
}

static bool send_of(struct readers *readers, struct share *share, int64_t now_us)
{
    struct place *place = share->first == NULL ? NULL : find_place(readers, share, now_us);
    if (place == NULL) return false;
    send_read(readers, share, place, now_us);
    return true;
}

/* The next of the askers that can have a read sent. */
static bool send_of_ring(struct readers *readers, int64_t now_us)
{
    for (size_t i = 0; i < SHARES_COUNT && readers->turn != NULL; i++) {
        struct share *share = readers->turn->next_in_ring;
        if (share->first == NULL) {
            ring_remove_next(readers, readers->turn);
            continue;
        }
        readers->turn = share;
        if (send_of(readers, share, now_us)) return true;
    }
    return false;
}

static void send_all(struct readers *readers)
{
    if (readers->is_destroyed) return;
    const int64_t now_us = loop_now_us(readers->loop);
    for (size_t i = 0; i < READERS_COUNT_MAX * READERS_DEPTH && readers->waiting > 0; i++) {
        if (!has_room(readers)) return; /* else everybody's turn would be looked at */
        if (!send_of(readers, &readers->house, now_us) && !send_of_ring(readers, now_us)) return;
    }
}

/* ---- outcomes ---- */

static void note_cost(struct share *share, int64_t took_us)
{
    share->mean_us += (took_us - share->mean_us) / WEIGHT_OF_NEWEST;
    if (share->mean_us < 1) share->mean_us = 1;
}

static void on_read_done(struct store_segment *segment)
{
    struct read *read = CONTAINER_OF(segment, struct read, segment);
    struct readers *readers = read->readers;
    struct share *share = read->share;
    struct place *place = &readers->places[read->connection];
    const int64_t now_us = loop_now_us(readers->loop);
    assert(share->under_way > 0);
    assert(place->under_way > 0);
    share->under_way--;
    share->on_connection[read->connection]--;
    place->under_way--;
    const int64_t began_us =
        read->sent_us > place->busy_since_us ? read->sent_us : place->busy_since_us;
    if (segment->status == STATUS_OK) note_cost(share, now_us - began_us);
    place->busy_since_us = now_us;
    read->on_done(read);
    send_all(readers);
}

static void on_state(void *context, bool is_up)
{
    struct place *place = context;
    place->readers->up += is_up ? 1 : 0;
    place->readers->up -= is_up ? 0 : 1;
    if (is_up) send_all(place->readers);
}

static void finish_unsent(struct read *read)
{
    read->segment.status = STATUS_UNAVAILABLE;
    read->segment.fault = STORE_FAULT_SERVER;
    read->segment.failed_call = SIZE_MAX;
    read->on_done(read);
}

static void on_refuse_timer(struct timer *timer)
{
    struct readers *readers = CONTAINER_OF(timer, struct readers, refuse_timer);
    struct read *read = readers->refused, *next;
    readers->refused = NULL;
    for (; read != NULL; read = next) {
        next = read->next;
        finish_unsent(read);
    }
}

static struct share *share_of(struct readers *readers, read_asker asker)
{
    return asker == 0 ? &readers->house : &readers->shares[asker % SHARES_COUNT];
}

void readers_submit(struct readers *readers, struct read *read)
{
    assert(read->on_done != NULL);
    assert(read->segment.calls_count == 1);
    read->readers = readers;
    read->segment.on_done = on_read_done;
    read->segment.is_read = true;
    if (readers->waiting >= READERS_QUEUE_MAX) {
        metric_add(METRIC_OVERLOADED, 1);
        read->next = readers->refused;
        readers->refused = read;
        if (!timer_is_started(&readers->refuse_timer))
            timer_start(loop_timers(readers->loop), &readers->refuse_timer,
                        loop_now_us(readers->loop));
        return;
    }
    read->share = share_of(readers, read->asker);
    share_push(read->share, read);
    readers->waiting++;
    ring_add(readers, read->share);
    send_all(readers);
}

bool readers_withdraw(struct read *read)
{
    if (read->is_queued) {
        share_remove(read->share, read);
        read->readers->waiting--;
        return true;
    }
    read->segment.arena = NULL;
    return false;
}

size_t readers_waiting(const struct readers *readers)
{
    return readers->waiting;
}

size_t readers_up(const struct readers *readers)
{
    return readers->up;
}

/* ---- life ---- */

struct readers *readers_new(const struct readers_options *options)
{
    assert(options->count >= 1);
    assert(options->count <= READERS_COUNT_MAX);
    struct readers *readers = calloc(1, sizeof *readers);
    if (readers == NULL) abort();
    readers->loop = options->loop;
    readers->count = options->count;
    readers->refuse_timer.on_fire = on_refuse_timer;
    struct connection_options connection = options->connection;
    connection.on_state = on_state;
    connection.wait_down_us = 1; /* what was not sent yet goes to another one */
    for (size_t i = 0; i < readers->count; i++) {
        connection.context = &readers->places[i];
        readers->places[i].readers = readers;
        readers->places[i].connection = connection_new(&connection);
    }
    return readers;
}

static void finish_waiting(struct share *share)
{
    while (share->first != NULL) {
        struct read *read = share->first;
        share_remove(share, read);
        finish_unsent(read);
    }
}

void readers_destroy(struct readers **readers_pointer)
{
    struct readers *readers = *readers_pointer;
    if (readers == NULL) return;
    *readers_pointer = NULL;
    readers->is_destroyed = true;
    for (size_t i = 0; i < readers->count; i++)
        connection_destroy(&readers->places[i].connection);
    finish_waiting(&readers->house);
    for (size_t i = 0; i < SHARES_COUNT; i++)
        finish_waiting(&readers->shares[i]);
    timer_stop(loop_timers(readers->loop), &readers->refuse_timer);
    on_refuse_timer(&readers->refuse_timer);
    free(readers);
}
