/* Activations of one domain: a hash of keys, a mailbox each, a fiber per message, and a list of
 * idle ones of which the least recently used are dropped. */
#include "runtime/actor.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { ACTORS_BUCKETS_MIN = 64, ACTORS_BUCKETS_MAX = 65536 };

struct mail {
    struct mail *next;
    void *message;
};

/* Who waits until nothing of a key is unsettled; lives on the waiter's stack. */
struct settle_waiter {
    struct completion completion;
    struct settle_waiter *next;
};

struct activation {
    struct actors *actors;
    struct uuid key;
    struct activation *next_in_bucket;
    struct activation *older, *newer; /* among the idle */
    struct activation *next_ready;
    bool is_idle, is_ready;
    struct fiber *holder; /* whose message has the key; NULL when it is free */
    size_t runs_count;    /* messages that have begun and not returned, early released ones too */
    struct mail *mail_first, *mail_last;
    size_t mail_count;
    size_t units_count;
    struct settle_waiter *waiters;
    void *aggregate;                  /* NULL: nothing is remembered */
    size_t aggregate_size, kept_size; /* kept without the zeros at its end */
    uint64_t generation;              /* of what is remembered: grows when it is forgotten */
};

struct actors {
    struct actors_options options;
    struct activation **buckets;
    size_t buckets_count; /* a power of two */
    size_t count, busy_count;
    struct activation *idle_oldest, *idle_newest;
    struct activation *ready_first, *ready_last; /* have mail and a free key, wait for a fiber */
    struct completion kick;
    bool is_dispatching; /* a fiber that starts the ready ones is under way */
    unsigned char hash_key[crypto_shorthash_KEYBYTES];
};

/* ---- the table of activations ---- */

static struct activation **actors_bucket(const struct actors *actors, struct uuid key)
{
    unsigned char hash[crypto_shorthash_BYTES];
    (void)crypto_shorthash(hash, key.bytes, sizeof key.bytes, actors->hash_key);
    uint64_t number;
    static_assert(sizeof number == sizeof hash, "the whole hash is used");
    memcpy(&number, hash, sizeof number);
    return &actors->buckets[number & (actors->buckets_count - 1)];
}

static struct activation *actors_find(const struct actors *actors, struct uuid key)
{
    struct activation *activation = *actors_bucket(actors, key);
    while (activation != NULL && memcmp(activation->key.bytes, key.bytes, sizeof key.bytes) != 0)
        activation = activation->next_in_bucket;
    return activation;
}

static void idle_remove(struct activation *activation)
{
    if (!activation->is_idle) return;
    struct actors *actors = activation->actors;
    if (activation->older != NULL)
        activation->older->newer = activation->newer;
    else
        actors->idle_oldest = activation->newer;
    if (activation->newer != NULL)
        activation->newer->older = activation->older;
    else
        actors->idle_newest = activation->older;
    activation->older = activation->newer = NULL;
    activation->is_idle = false;
}

static void activation_drop(struct activation *activation)
{
    idle_remove(activation);
    struct activation **link = actors_bucket(activation->actors, activation->key);
    while (*link != activation)
        link = &(*link)->next_in_bucket;
    *link = activation->next_in_bucket;
    activation->actors->count--;
    free(activation->aggregate);
    free(activation);
}

/* Moves to the idle ones what has nothing to do; drops the oldest of them when there are too many.
 */
static void activation_settle_idle(struct activation *activation)
{
    struct actors *actors = activation->actors;
    if (activation->runs_count > 0 || activation->mail_count > 0 || activation->units_count > 0)
        return;
    if (activation->waiters != NULL || activation->is_ready) return;
    idle_remove(activation);
    activation->is_idle = true;
    activation->older = actors->idle_newest;
    if (actors->idle_newest != NULL)
        actors->idle_newest->newer = activation;
    else
        actors->idle_oldest = activation;
    actors->idle_newest = activation;
    while (actors->count > actors->options.activations_max && actors->idle_oldest != NULL)
        activation_drop(actors->idle_oldest);
}

static struct activation *actors_activate(struct actors *actors, struct uuid key)
{
    struct activation *activation = actors_find(actors, key);
    if (activation != NULL) {
        idle_remove(activation);
        return activation;
    }
    activation = calloc(1, sizeof *activation);
    if (activation == NULL) abort();
    activation->actors = actors;
    activation->key = key;
    struct activation **bucket = actors_bucket(actors, key);
    activation->next_in_bucket = *bucket;
    *bucket = activation;
    actors->count++;
    return activation;
}

/* ---- mail ---- */

static void mail_push(struct activation *activation, void *message)
{
    struct mail *mail = calloc(1, sizeof *mail);
    if (mail == NULL) abort();
    mail->message = message;
    if (activation->mail_last != NULL)
        activation->mail_last->next = mail;
    else
        activation->mail_first = mail;
    activation->mail_last = mail;
    activation->mail_count++;
}

static void *mail_pop(struct activation *activation)
{
    struct mail *mail = activation->mail_first;
    assert(mail != NULL);
    activation->mail_first = mail->next;
    if (activation->mail_first == NULL) activation->mail_last = NULL;
    activation->mail_count--;
    void *message = mail->message;
    free(mail);
    return message;
}

/* ---- running ---- */

static void ready_push(struct activation *activation)
{
    struct actors *actors = activation->actors;
    if (activation->is_ready) return;
    activation->is_ready = true;
    activation->next_ready = NULL;
    if (actors->ready_last != NULL)
        actors->ready_last->next_ready = activation;
    else
        actors->ready_first = activation;
    actors->ready_last = activation;
}

/* Gives the next one whose key is still free and that has mail; NULL if there is none. */
static struct activation *ready_pop(struct actors *actors)
{
    while (actors->ready_first != NULL) {
        struct activation *activation = actors->ready_first;
        actors->ready_first = activation->next_ready;
        if (actors->ready_first == NULL) actors->ready_last = NULL;
        activation->is_ready = false;
        if (activation->holder == NULL && activation->mail_count > 0) return activation;
        activation_settle_idle(activation);
    }
    return NULL;
}

static void activation_run_one(struct activation *activation)
{
    struct actors *actors = activation->actors;
    void *message = mail_pop(activation);
    activation->holder = fiber_current();
    activation->runs_count++;
    actors->options.run(actors->options.context, activation, message);
    activation->runs_count--;
    actors->busy_count--;
    if (activation->holder == fiber_current()) activation->holder = NULL;
}

/* Goes on with the key's next message, or with another key that found no fiber, before the fiber
 * ends. */
static void actors_fiber(void *argument)
{
    struct activation *activation = argument;
    struct actors *actors = activation->actors;
    while (activation != NULL) {
        activation_run_one(activation);
        if (activation->holder == NULL && activation->mail_count > 0) continue;
        activation_settle_idle(activation);
        activation = ready_pop(actors);
    }
}

static void actors_dispatch_fiber(void *argument)
{
    struct actors *actors = argument;
    const enum status status = completion_wait(&actors->kick, INT64_MAX);
    (void)status; /* whatever ends the wait, there is work */
    struct activation *activation;
    while ((activation = ready_pop(actors)) != NULL) {
        if (fiber_spawn(actors->options.fibers, actors_fiber, activation) == STATUS_OK) continue;
        /* Whichever fiber ends next finds it. */
        ready_push(activation);
        break;
    }
    actors->is_dispatching = false;
}

/* Starts what is ready from the loop's stack: a chain of early releases would otherwise nest fiber
 * in fiber. */
static void actors_dispatch_later(struct actors *actors)
{
    if (actors->is_dispatching) return;
    actors->is_dispatching = true;
    completion_init(&actors->kick, actors->options.fibers);
    if (fiber_spawn(actors->options.fibers, actors_dispatch_fiber, actors) != STATUS_OK) {
        actors->is_dispatching = false;
        return;
    }
    completion_finish(&actors->kick, STATUS_OK);
}

enum status actors_deliver(struct actors *actors, struct uuid key, void *message)
{
    assert(actors != NULL);
    assert(message != NULL);
    struct activation *activation = actors_activate(actors, key);
    const bool is_free = activation->holder == NULL && activation->mail_count == 0;
    if (!is_free && activation->mail_count >= actors->options.mailbox_max) return STATUS_OVERLOADED;
    mail_push(activation, message);
    actors->busy_count++;
    if (activation->holder != NULL) return STATUS_OK;
    if (!is_free) {
        ready_push(activation);
        actors_dispatch_later(actors);
        return STATUS_OK;
    }
    if (fiber_spawn(actors->options.fibers, actors_fiber, activation) == STATUS_OK)
        return STATUS_OK;
    (void)mail_pop(activation);
    actors->busy_count--;
    activation_settle_idle(activation);
    return STATUS_OVERLOADED;
}

size_t actors_count(const struct actors *actors)
{
    return actors->count;
}

size_t actors_busy(const struct actors *actors)
{
    return actors->busy_count;
}

/* ---- what a handler may do with its activation ---- */

struct uuid activation_key(const struct activation *activation)
{
    return activation->key;
}

void activation_release(struct activation *activation)
{
    assert(activation != NULL);
    assert(activation->runs_count > 0);
    if (activation->holder != fiber_current()) return;
    activation->holder = NULL;
    if (activation->mail_count == 0) return;
    ready_push(activation);
    actors_dispatch_later(activation->actors);
}

size_t activation_used_size(const void *aggregate, size_t size)
{
    static const char nothing[256];
    const char *bytes = aggregate;
    /* Most of an aggregate is room for more, so it is looked at in strides. */
    while (size > sizeof nothing &&
           memcmp(bytes + size - sizeof nothing, nothing, sizeof nothing) == 0)
        size -= sizeof nothing;
    while (size > 1 && bytes[size - 1] == 0)
        size--;
    return size;
}

void activation_remember_used(struct activation *activation, const void *bytes, size_t used,
                              size_t size)
{
    assert(activation != NULL);
    assert(used > 0);
    assert(used <= size);
    if (activation->aggregate == NULL || activation->kept_size != used) {
        free(activation->aggregate);
        activation->aggregate = malloc(used);
        if (activation->aggregate == NULL) abort();
        activation->kept_size = used;
    }
    activation->aggregate_size = size;
    memcpy(activation->aggregate, bytes, used);
}

void activation_remember(struct activation *activation, const void *aggregate, size_t size)
{
    activation_remember_used(activation, aggregate, activation_used_size(aggregate, size), size);
}

bool activation_recall(const struct activation *activation, void *ret_aggregate, size_t size)
{
    assert(activation != NULL);
    if (activation->aggregate == NULL || activation->aggregate_size != size) return false;
    memcpy(ret_aggregate, activation->aggregate, activation->kept_size);
    memset((char *)ret_aggregate + activation->kept_size, 0, size - activation->kept_size);
    return true;
}

void activation_forget(struct activation *activation)
{
    assert(activation != NULL);
    free(activation->aggregate);
    activation->aggregate = NULL;
    activation->aggregate_size = 0;
    activation->generation++;
}

bool activation_has_memory(const struct activation *activation)
{
    assert(activation != NULL);
    return activation->aggregate != NULL;
}

uint64_t activation_generation(const struct activation *activation)
{
    assert(activation != NULL);
    return activation->generation;
}

void activation_unit_begins(struct activation *activation)
{
    assert(activation != NULL);
    idle_remove(activation);
    activation->units_count++;
}

void activation_unit_ends(struct activation *activation)
{
    assert(activation != NULL);
    assert(activation->units_count > 0);
    activation->units_count--;
    /* A waiter that goes on may begin the next unit; then the others wait on. */
    while (activation->units_count == 0 && activation->waiters != NULL) {
        struct settle_waiter *waiter = activation->waiters;
        activation->waiters = waiter->next;
        waiter->next = waiter; /* marks it as taken off the list */
        activation->runs_count++;
        completion_finish(&waiter->completion, STATUS_OK);
        activation->runs_count--;
    }
    activation_settle_idle(activation);
}

size_t activation_units(const struct activation *activation)
{
    return activation->units_count;
}

static void waiter_remove(struct activation *activation, struct settle_waiter *waiter)
{
    struct settle_waiter **link = &activation->waiters;
    while (*link != NULL && *link != waiter)
        link = &(*link)->next;
    if (*link == waiter) *link = waiter->next;
}

enum status activation_wait_settled(struct activation *activation, int64_t deadline_us)
{
    assert(activation != NULL);
    enum status status = STATUS_OK;
    while (status == STATUS_OK && activation->units_count > 0) {
        struct settle_waiter waiter = { .next = NULL };
        completion_init(&waiter.completion, activation->actors->options.fibers);
        struct settle_waiter **link = &activation->waiters;
        while (*link != NULL)
            link = &(*link)->next;
        *link = &waiter;
        status = completion_wait(&waiter.completion, deadline_us);
        if (waiter.next != &waiter) waiter_remove(activation, &waiter);
    }
    return status;
}

/* ---- life ---- */

struct actors *actors_new(const struct actors_options *options)
{
    assert(options != NULL);
    assert(options->fibers != NULL);
    assert(options->run != NULL);
    struct actors *actors = calloc(1, sizeof *actors);
    if (actors == NULL) abort();
    actors->options = *options;
    actors->buckets_count = ACTORS_BUCKETS_MIN;
    while (actors->buckets_count < options->activations_max &&
           actors->buckets_count < ACTORS_BUCKETS_MAX)
        actors->buckets_count *= 2;
    actors->buckets = calloc(actors->buckets_count, sizeof(struct activation *));
    if (actors->buckets == NULL) abort();
    /* Keys come from clients; that nobody outside can know the table's address keeps them from
     * filling one bucket. */
    memcpy(actors->hash_key, &actors->buckets, sizeof(void *));
    memcpy(actors->hash_key + sizeof(void *), &actors, sizeof(void *));
    static_assert(sizeof actors->hash_key >= 2 * sizeof(void *), "both addresses fit");
    return actors;
}

void actors_destroy(struct actors **actors_pointer)
{
    assert(actors_pointer != NULL);
    struct actors *actors = *actors_pointer;
    if (actors == NULL) return;
    assert(actors->busy_count == 0);
    for (size_t i = 0; i < actors->buckets_count; i++) {
        struct activation *next;
        for (struct activation *a = actors->buckets[i]; a != NULL; a = next) {
            next = a->next_in_bucket;
            activation_drop(a);
        }
    }
    free(actors->buckets);
    free(actors);
    *actors_pointer = NULL;
}
