/* A message to an actor as an envelope, and the reply that comes back as a struct. */
#pragma once

#include "messages/schema.h"
#include "runtime/arena.h"
#include "runtime/envelope.h"

/* Fills in the envelope of a message from one actor to another: number, key, shard and the encoded
 * body, which is in `arena`. Statuses: OK, OUT_OF_RANGE (the body is too large), those of the
 * encoder. */
MUST_CHECK enum status address_message(const struct message *message, const void *body,
                                       struct uuid msg_id, struct arena *arena,
                                       struct envelope *ret_envelope);
/* The id of what a domain does about an event: it follows from the event, so that a repeat changes
 * nothing. */
struct uuid address_consumed(struct uuid event_id, enum domain consumer);
/* Decodes a reply that came into ret_reply (NULL: not wanted), which is untouched on failure.
 * Statuses: the reply's own, CORRUPT (it cannot be decoded). */
MUST_CHECK enum status address_read_reply(const struct message *message,
                                          const struct envelope *reply, struct arena *arena,
                                          void *ret_reply);
