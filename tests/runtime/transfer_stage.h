/* A loop with outgoing transfers and one small server to talk to. */
#pragma once

#include "runtime/arena.h"
#include "runtime/transfer.h"
#include "tests/runtime/peer.h"
#include "tests/support/time_skip.h"

enum {
    PATIENCE_US = 20 * 1000 * 1000,
    TICK_US = 5 * 1000,
    GAP_MAX_US = 600 * 1000, /* below what slow servers take, above what a busy machine does */
    CALLS_MAX = TRANSFERS_MAX + TRANSFERS_QUEUE_MAX + 1
};

struct transfer_stage;

struct transfer_call {
    struct transfer_stage *stage;
    enum status status;
    struct transfer_answer answer;
};

/* A loop with transfers and one server; a tick measures how long the loop was ever held. */
struct transfer_stage {
    struct loop *loop;
    struct time_skip skip;
    bool skips_silence; /* the time that the peer has fallen silent for passes at once */
    struct fibers *fibers;
    struct transfers *transfers;
    struct arena *arena;
    struct peer peer;
    char url[64];
    struct transfer_http http;
    struct transfer_mail mail;
    int64_t patience_us;
    struct timer tick;
    int64_t ticked_us, gap_max_us;
    struct transfer_call calls[CALLS_MAX];
    size_t calls_count, ended;
};

/* There is one stage at a time. */
struct transfer_stage *stage_open(bool is_http);
void stage_close(struct transfer_stage *stage);
int64_t stage_now_us(const struct transfer_stage *stage);
/* Begins what stage->http or stage->mail says. */
struct transfer_call *stage_begin(struct transfer_stage *stage);
/* The same, up to its end. */
struct transfer_call *stage_transfer(struct transfer_stage *stage);
void stage_wait_for_connection(struct transfer_stage *stage);
