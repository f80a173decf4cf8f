/* Actors of one domain: one activation per key, made by the first message; one message at a time
 * per key, in order; bounded mailboxes; idle activations are dropped, least recently used first.
 * What an activation remembers is a cache: the row and its version are the truth. */
#pragma once

#include "runtime/base.h"
#include "runtime/fiber.h"

struct actors;
struct activation;

struct actors_options {
    struct fibers *fibers;
    size_t activations_max; /* idle ones beyond this are dropped */
    size_t mailbox_max;     /* messages that wait for one key */
    void *context;
    /* Runs one message on a fiber of its own. The next message of the key starts when this one
     * calls activation_release() or returns. `message` is what was given to actors_deliver(). */
    void (*run)(void *context, struct activation *activation, void *message);
};

struct actors *actors_new(const struct actors_options *options);
void actors_destroy(struct actors **actors);
/* Puts a message into the mailbox of `key` and runs it if the key is free. Ownership of message
 * passes on OK. Statuses: OK, OVERLOADED (mailbox or fibers full). */
MUST_CHECK enum status actors_deliver(struct actors *actors, struct uuid key, void *message);
size_t actors_count(const struct actors *actors);
/* Messages in mailboxes or running. */
size_t actors_busy(const struct actors *actors);

struct uuid activation_key(const struct activation *activation);
/* Early release (runtime/README.md, Decisions: early release): lets the key's next message start
 * although this one has not returned. */
void activation_release(struct activation *activation);
/* Keeps a copy of the aggregate for the next message; the newest wins. */
void activation_remember(struct activation *activation, const void *aggregate, size_t size);
/* Aggregates are structs with room for many entries, zero where unused: how many bytes there are up
 * to the last that is not zero, 1 at least. The rest need not be copied. */
size_t activation_used_size(const void *aggregate, size_t size);
/* The same as activation_remember(), of the used bytes of an aggregate of `size`. */
void activation_remember_used(struct activation *activation, const void *bytes, size_t used,
                              size_t size);
/* Copies what is remembered; false if nothing is or the size differs. */
bool activation_recall(const struct activation *activation, void *ret_aggregate, size_t size);
void activation_forget(struct activation *activation);
bool activation_has_memory(const struct activation *activation);
/* Grows with each activation_forget(): what was recalled under another generation has been proved
 * wrong. */
uint64_t activation_generation(const struct activation *activation);
/* Units of this key that are queued and not yet settled; the activation is not dropped while there
 * are any. */
void activation_unit_begins(struct activation *activation);
void activation_unit_ends(struct activation *activation);
size_t activation_units(const struct activation *activation);
/* Waits until no unit of this key is unsettled. WAITS. Statuses: OK, DEADLINE_EXCEEDED, STOPPING.
 */
MUST_CHECK enum status activation_wait_settled(struct activation *activation, int64_t deadline_us);
