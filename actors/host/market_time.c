/* Time only grows: a node takes the greatest offset that it hears of. */
#include "actors/host/market_time.h"

#include "actors/host/background.h"
#include "host_messages.h"
#include "messages/codec_msgpack.h"
#include "storage/market_time.h"

static void raise_offset(struct loop *loop, int64_t offset_us)
{
    if (offset_us > loop_market_offset_us(loop)) loop_set_market_offset(loop, offset_us);
}

enum status market_time_take_over(struct hosted *hosted)
{
    struct loop *loop = hosted->host->loop;
    int64_t offset_us;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    TRY(market_time_load(hosted->database, arena, loop_now_us(loop) + START_TIMEOUT_US,
                         &offset_us));
    if (offset_us == 0) return STATUS_OK;
    log_warning("market_time_moved", LOG_STRING("domain", domain_name(hosted->domain)),
                LOG_INT("seconds_ahead", offset_us / 1000000));
    raise_offset(loop, offset_us);
    return STATUS_OK;
}

static enum status encode_reached(const struct hosted *hosted, struct arena *arena,
                                  struct text *ret_body)
{
    const struct host_reached reached = { .shard_last = hosted->shard_last };
    return msgpack_encode(&host_reached_schema, &reached, arena, ENVELOPE_BODY_MAX, ret_body);
}

enum status market_time_answer_set(struct hosted *hosted, struct arena *arena, struct text body,
                                   int64_t deadline_us, struct text *ret_body)
{
    struct host_set_market_time command;
    TRY(msgpack_decode(&host_set_market_time_schema, body, arena, &command));
    /* The row first: a node that dies between the two knows it when it is back. */
    TRY(market_time_raise(hosted->database, arena, command.offset, deadline_us));
    raise_offset(hosted->host->loop, command.offset);
    return encode_reached(hosted, arena, ret_body);
}

enum status market_time_answer_run_due(struct hosted *hosted, struct arena *arena, struct text body,
                                       int64_t deadline_us, struct text *ret_body)
{
    (void)body; /* says nothing */
    TRY(background_run_sweeps(hosted, deadline_us));
    return encode_reached(hosted, arena, ret_body);
}
