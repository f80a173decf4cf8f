/* One outgoing lane to one peer: the frame of this turn, and the frames that the link would not
 * take yet. */
#pragma once

#include <sys/queue.h>

#include "runtime/envelope.h"
#include "runtime/platform.h"

enum { OUTBOX_BACKLOG_BYTES_MAX = 4 << 20 };

struct backlog_frame {
    STAILQ_ENTRY(backlog_frame) entry;
    size_t length;
    char data[];
};

struct outbox {
    struct net *net;
    unsigned link;
    bool has_link;
    struct frame_header header; /* proved once an opening; else only the sequence changes */
    struct frame_writer writer; /* empty: no frame is under construction */
    STAILQ_HEAD(, backlog_frame) backlog;
    size_t backlog_bytes;
};

/* Opens the link. header->sender must outlive the outbox. Without a link everything is refused. */
void outbox_init(struct outbox *outbox, struct net *net, const char *endpoint,
                 const struct frame_header *header);
/* Frames that are begun from now on have this header and count anew; those before go out as they
 * are. */
void outbox_set_header(struct outbox *outbox, const struct frame_header *header);
/* Closes the link; what was not sent is lost. */
void outbox_clear(struct outbox *outbox);
/* Statuses: OK, OVERLOADED (the peer takes nothing and the backlog is full), UNAVAILABLE (no link).
 */
MUST_CHECK enum status outbox_add(struct outbox *outbox, const struct envelope *envelope);
/* Sends what there is, as far as the link takes it. */
void outbox_flush(struct outbox *outbox);
/* True while frames wait for the link. */
bool outbox_is_blocked(const struct outbox *outbox);
