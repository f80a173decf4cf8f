/* Batches envelopes into frames and keeps, within a bound, the frames that a link does not take. */
#include "runtime/outbox.h"

#include <stdlib.h>
#include <string.h>

enum { OUTBOX_KEEP_BYTES = 64 << 10 }; /* a larger frame's memory is given back */

void outbox_init(struct outbox *outbox, struct net *net, const char *endpoint,
                 const struct frame_header *header)
{
    assert(outbox != NULL);
    assert(net != NULL);
    *outbox = (struct outbox){ .net = net, .header = *header };
    STAILQ_INIT(&outbox->backlog);
    frame_writer_init(&outbox->writer);
    outbox->has_link = net->open(net->context, endpoint, &outbox->link) == STATUS_OK;
}

static void backlog_drop_first(struct outbox *outbox)
{
    struct backlog_frame *frame = STAILQ_FIRST(&outbox->backlog);
    STAILQ_REMOVE_HEAD(&outbox->backlog, entry);
    outbox->backlog_bytes -= frame->length;
    free(frame);
}

void outbox_clear(struct outbox *outbox)
{
    assert(outbox != NULL);
    if (outbox->has_link) outbox->net->close(outbox->net->context, outbox->link);
    outbox->has_link = false;
    while (!STAILQ_EMPTY(&outbox->backlog))
        backlog_drop_first(outbox);
    frame_writer_clear(&outbox->writer);
}

static void backlog_push(struct outbox *outbox)
{
    const size_t length = outbox->writer.length;
    struct backlog_frame *frame = malloc(sizeof *frame + length);
    if (frame == NULL) abort();
    frame->length = length;
    memcpy(frame->data, outbox->writer.data, length);
    STAILQ_INSERT_TAIL(&outbox->backlog, frame, entry);
    outbox->backlog_bytes += length;
}

/* Sends the frame under construction, or puts it behind those that wait. */
static void outbox_send_frame(struct outbox *outbox)
{
    if (outbox->writer.count == 0) return;
    const struct text frame = { outbox->writer.data, outbox->writer.length };
    enum status status = STATUS_OVERLOADED;
    if (STAILQ_EMPTY(&outbox->backlog))
        status = outbox->net->send(outbox->net->context, outbox->link, frame);
    if (status == STATUS_OVERLOADED) backlog_push(outbox);
    outbox->writer.count = outbox->writer.length = 0;
    if (outbox->writer.capacity > OUTBOX_KEEP_BYTES) frame_writer_clear(&outbox->writer);
}

void outbox_set_header(struct outbox *outbox, const struct frame_header *header)
{
    assert(outbox != NULL);
    assert(header != NULL);
    outbox_send_frame(outbox);
    outbox->header = *header;
}

static void outbox_begin_frame(struct outbox *outbox)
{
    outbox->header.sequence++;
    frame_begin(&outbox->writer, &outbox->header);
}

enum status outbox_add(struct outbox *outbox, const struct envelope *envelope)
{
    assert(outbox != NULL);
    if (!outbox->has_link) return STATUS_UNAVAILABLE;
    if (outbox->backlog_bytes + outbox->writer.length >= OUTBOX_BACKLOG_BYTES_MAX)
        return STATUS_OVERLOADED;
    if (outbox->writer.length == 0) outbox_begin_frame(outbox);
    if (frame_add(&outbox->writer, envelope) == STATUS_OK) return STATUS_OK;
    outbox_send_frame(outbox);
    outbox_begin_frame(outbox);
    return frame_add(&outbox->writer, envelope);
}

void outbox_flush(struct outbox *outbox)
{
    assert(outbox != NULL);
    if (!outbox->has_link) return;
    while (!STAILQ_EMPTY(&outbox->backlog)) {
        const struct backlog_frame *first = STAILQ_FIRST(&outbox->backlog);
        const struct text frame = { first->data, first->length };
        if (outbox->net->send(outbox->net->context, outbox->link, frame) == STATUS_OVERLOADED)
            break;
        backlog_drop_first(outbox);
    }
    outbox_send_frame(outbox);
}

bool outbox_is_blocked(const struct outbox *outbox)
{
    return !STAILQ_EMPTY(&outbox->backlog);
}
