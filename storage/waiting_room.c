/* One list in the order of enqueueing. Who met the lock itself is tried; who stands behind with the
 * same key follows when that one is gone. */
#include "storage/waiting_room.h"

enum { BACKOFF_FIRST_US = 25 * 1000 };

bool waiting_room_is_full(const struct waiting_room *room)
{
    return room->queue.count >= WAITING_ROOM_MAX;
}

static bool has_key(const struct unit *unit, struct uuid key)
{
    return !uuid_is_zero(key) && uuid_equals(unit->key, key);
}

bool waiting_room_has_key(const struct waiting_room *room, struct uuid key)
{
    for (const struct unit *unit = room->queue.head; unit != NULL; unit = unit->next)
        if (has_key(unit, key)) return true;
    return false;
}

static void wait_longer(struct unit *unit, int64_t now_us)
{
    const int64_t doubled_us = unit->backoff_us * 2;
    unit->backoff_us = doubled_us < BACKOFF_FIRST_US          ? BACKOFF_FIRST_US
                       : doubled_us < WAITING_ROOM_BACKOFF_US ? doubled_us
                                                              : WAITING_ROOM_BACKOFF_US;
    unit->retry_us = now_us + unit->backoff_us;
}

void waiting_room_follow(struct waiting_room *room, struct unit *unit)
{
    unit->met_lock = false;
    unit_queue_append(&room->queue, unit);
}

/* Of the units from `first` up to `end`, those with the key go to the end of the room. */
static void take_followers(struct waiting_room *room, struct unit *first, const struct unit *end,
                           struct uuid key)
{
    struct unit *next;
    for (struct unit *unit = first; unit != end; unit = next) {
        next = unit->next;
        if (!has_key(unit, key)) continue;
        unit_queue_remove(unit);
        waiting_room_follow(room, unit);
    }
}

void waiting_room_admit(struct waiting_room *room, struct unit *unit, int64_t now_us)
{
    wait_longer(unit, now_us);
    if (unit->queue == &room->queue) return;
    struct unit *behind = unit->next;
    unit_queue_remove(unit);
    unit->met_lock = true;
    unit_queue_append(&room->queue, unit);
    /* Those of its key that came in before it were enqueued after it. */
    take_followers(room, room->queue.head, unit, unit->key);
    take_followers(room, behind, NULL, unit->key);
}

void waiting_room_remove(struct waiting_room *room, struct unit *unit)
{
    assert(unit->queue == &room->queue);
    struct unit *follower = unit->next;
    unit_queue_remove(unit);
    if (!unit->met_lock) return;
    while (follower != NULL && !has_key(follower, unit->key))
        follower = follower->next;
    if (follower == NULL) return;
    follower->met_lock = true;
    follower->backoff_us = unit->backoff_us;
    follower->retry_us = unit->retry_us;
}

size_t waiting_room_collect(const struct waiting_room *room, int64_t now_us,
                            struct unit *ret_units[UNITS_BATCH_MAX])
{
    size_t count = 0;
    if (now_us < room->next_try_us) return 0;
    for (struct unit *unit = room->queue.head; unit != NULL && count < room->width;
         unit = unit->next)
        if (unit->met_lock && unit->retry_us <= now_us) ret_units[count++] = unit;
    return count;
}

void waiting_room_note_try(struct waiting_room *room, bool went_well, int64_t now_us)
{
    if (!went_well) {
        room->width = 1;
        room->next_try_us = now_us + WAITING_ROOM_PAUSE_US;
        return;
    }
    room->width = room->width * 2 < UNITS_BATCH_MAX ? room->width * 2 : UNITS_BATCH_MAX;
    /* The lock that some of them met may have been the same. */
    for (struct unit *unit = room->queue.head; unit != NULL; unit = unit->next)
        unit->retry_us = now_us;
}

int64_t waiting_room_next_us(const struct waiting_room *room)
{
    int64_t next_us = INT64_MAX;
    for (const struct unit *unit = room->queue.head; unit != NULL; unit = unit->next)
        if (unit->met_lock && unit->retry_us < next_us) next_us = unit->retry_us;
    if (next_us == INT64_MAX) return next_us;
    return next_us > room->next_try_us ? next_us : room->next_try_us;
}
