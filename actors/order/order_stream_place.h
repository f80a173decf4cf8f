/* Where a list of the changes of many orders goes on: behind one position per shard, in base64url,
 * opaque to clients, who may send anything back. Shards commit side by side, so one number for all
 * of them would pass by what commits late. Pure. */
#pragma once

#include "messages/values.h"
#include "runtime/arena.h"

struct order_stream_place {
    int64_t after[SHARD_COUNT]; /* position that was seen last; 0: none */
};

struct text order_stream_place_write(const struct order_stream_place *place, struct arena *arena);
/* Statuses: OK, MALFORMED. */
MUST_CHECK enum status order_stream_place_read(struct text text, struct arena *arena,
                                               struct order_stream_place *ret_place);
