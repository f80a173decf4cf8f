/* Who is in and who waits, as two lists. */
#include "actors/host/turnstile.h"

#include <stdlib.h>

#include "actors/host/pool_share.h"
#include "actors/host/request_internal.h"

/* On the stack of the fiber that waits. */
struct waiter {
    struct completion turn;
    size_t place;
    bool has_place;
    struct waiter *next;
};

struct turnstile {
    struct fibers *fibers;
    size_t places, waiting_max;
    struct offload_thread **threads; /* of each place */
    size_t *free_places;
    size_t free_count, waiting_count;
    struct waiter *first, **last;
    struct pool_asker *waiting; /* whose they are */
};

struct turnstile *turnstile_new(struct offload *offload, struct fibers *fibers, size_t places,
                                size_t waiting_max)
{
    assert(offload != NULL);
    assert(fibers != NULL);
    assert(places > 0);
    assert(waiting_max > 0);
    struct turnstile *turnstile = calloc(1, sizeof *turnstile);
    if (turnstile == NULL) abort();
    *turnstile = (struct turnstile){ .fibers = fibers,
                                     .places = places,
                                     .waiting_max = waiting_max,
                                     .free_places = calloc(places, sizeof *turnstile->free_places),
                                     .free_count = places };
    turnstile->threads = calloc(places, sizeof(struct offload_thread *));
    if (turnstile->free_places == NULL || turnstile->threads == NULL) abort();
    for (size_t i = 0; i < places; i++) {
        turnstile->free_places[i] = places - 1 - i;
        turnstile->threads[i] = offload_thread_new(offload);
    }
    turnstile->last = &turnstile->first;
    return turnstile;
}

void turnstile_destroy(struct turnstile **turnstile)
{
    if (*turnstile == NULL) return;
    assert((*turnstile)->free_count == (*turnstile)->places);
    assert((*turnstile)->first == NULL);
    for (size_t i = 0; i < (*turnstile)->places; i++)
        offload_thread_destroy(&(*turnstile)->threads[i]);
    free((*turnstile)->threads);
    free((*turnstile)->free_places);
    free(*turnstile);
    *turnstile = NULL;
}

static void remove_waiter(struct turnstile *turnstile, struct waiter *waiter)
{
    struct waiter **link = &turnstile->first;
    while (*link != waiter)
        link = &(*link)->next;
    *link = waiter->next;
    if (turnstile->last == &waiter->next) turnstile->last = link;
}

/* A place that comes in the moment of the deadline is taken all the same. */
static enum status wait_turn(struct turnstile *turnstile, const struct request *request,
                             size_t *ret_place)
{
    struct waiter waiter = { .place = 0 };
    completion_init(&waiter.turn, turnstile->fibers);
    *turnstile->last = &waiter;
    turnstile->last = &waiter.next;
    const enum status status = completion_wait(&waiter.turn, request->deadline_us);
    if (!waiter.has_place) {
        remove_waiter(turnstile, &waiter);
        return status;
    }
    *ret_place = waiter.place;
    return STATUS_OK;
}

enum status turnstile_enter(struct turnstile *turnstile, struct request *request, size_t *ret_place)
{
    struct pool_asker asker;
    if (turnstile->free_count > 0) {
        *ret_place = turnstile->free_places[--turnstile->free_count];
        return STATUS_OK;
    }
    if (turnstile->waiting_count >= turnstile->waiting_max) return STATUS_OVERLOADED;
    pool_asker_init(&asker, &request->envelope->principal, request->envelope->client);
    if (!pool_share_take(&turnstile->waiting, &asker,
                         pool_share_of((int64_t)turnstile->waiting_max)))
        return STATUS_OVERLOADED;
    turnstile->waiting_count++;
    const enum status status = wait_turn(turnstile, request, ret_place);
    turnstile->waiting_count--;
    pool_share_return(&turnstile->waiting, &asker);
    return status;
}

void turnstile_leave(struct turnstile *turnstile, size_t place)
{
    assert(place < turnstile->places);
    struct waiter *waiter = turnstile->first;
    if (waiter == NULL) {
        turnstile->free_places[turnstile->free_count++] = place;
        return;
    }
    remove_waiter(turnstile, waiter);
    waiter->place = place;
    waiter->has_place = true;
    completion_finish(&waiter->turn, STATUS_OK);
}

enum status turnstile_work(struct turnstile *turnstile, size_t place, void (*work)(void *argument),
                           void *argument)
{
    assert(place < turnstile->places);
    return offload_run_on(turnstile->threads[place], work, argument);
}
