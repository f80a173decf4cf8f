/* What the generator emits for each domain and the node program reads: which handler takes which
 * message. */
#pragma once

#include <stddef.h>

#include "messages/schema.h"

struct request;

/* One message and the thunk that gives its body and reply their types. reply points at zeroed
 * memory of message->reply->size bytes; it is NULL for events and ignored when nothing is answered.
 * WAITS as the handler does. */
struct dispatch_entry {
    const struct message *message;
    enum status (*handle)(struct request *request, const void *body, void *reply);
    bool is_batched; /* an event that the domain's intake takes together with others */
};

/* The commands and queries of a domain, by number, and the events of other domains that it
 * consumes. */
struct dispatch_table {
    enum domain domain;
    const struct message *audit; /* the event that tells admin what was done; NULL: there is none */
    uint32_t readers; /* bits (1 << enum domain): who consumes any of the domain's events */
    const struct dispatch_entry *entries;
    size_t entries_count;
    const struct dispatch_entry *consumers;
    size_t consumers_count;
};
