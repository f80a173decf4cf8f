/* What operators see of long processes that cannot go on: they are late, whatever hinders them. */
#include "actors/host/late_sagas.h"

#include "actors/host/saga_process.h"
#include "host_messages.h"
#include "messages/codec_msgpack.h"
#include "storage/saga_store.h"

enum { LISTED_MAX = 200 };

struct text late_sagas_id_text(struct arena *arena, struct uuid id)
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_allocate(arena, 2 * sizeof id.bytes);
    for (size_t i = 0; i < sizeof id.bytes; i++) {
        text[2 * i] = digits[id.bytes[i] >> 4];
        text[2 * i + 1] = digits[id.bytes[i] & 15];
    }
    return (struct text){ text, 2 * sizeof id.bytes };
}

static struct host_late_saga describe(const struct hosted *hosted, struct arena *arena,
                                      const struct saga_row *row)
{
    const struct saga_process *process = saga_process_find(hosted, row->id);
    struct host_late_saga late = {
        .saga = late_sagas_id_text(arena, row->id),
        .kind = row->kind,
        .standing = HOST_SAGA_STANDING_BEFORE_PIVOT,
        .started_at_us = row->started_us,
        .deadline_us = row->deadline_us,
    };
    if (row->direction == 1) late.standing = HOST_SAGA_STANDING_BEING_UNDONE;
    if (row->point == 1) late.standing = HOST_SAGA_STANDING_PAST_PIVOT;
    late.has_step = late.has_reason = process != NULL && process->stuck_step != NULL;
    if (late.has_step) {
        late.step = text_of(process->stuck_step->name);
        late.reason = text_of(status_name(process->stuck_status));
    }
    return late;
}

enum status late_sagas_answer(struct hosted *hosted, struct arena *arena, struct text body,
                              int64_t deadline_us, struct text *ret_body)
{
    assert(hosted != NULL);
    assert(arena != NULL);
    assert(ret_body != NULL);
    const struct saga_row *rows;
    size_t count;
    (void)body; /* says nothing */
    TRY(saga_store_late(hosted->database, arena, loop_market_us(hosted->host->loop), LISTED_MAX + 1,
                        deadline_us, &rows, &count));
    struct host_late_sagas reply = { .has_more = count > LISTED_MAX };
    reply.sagas_count = reply.has_more ? LISTED_MAX : count;
    struct host_late_saga *sagas = arena_allocate_array(arena, reply.sagas_count, sizeof *sagas);
    for (size_t i = 0; i < reply.sagas_count; i++)
        sagas[i] = describe(hosted, arena, &rows[i]);
    reply.sagas = sagas;
    return msgpack_encode(&host_late_sagas_schema, &reply, arena, ENVELOPE_BODY_MAX, ret_body);
}
