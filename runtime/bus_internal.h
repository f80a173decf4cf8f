/* What the files of the bus share: peers with their outgoing lanes and credit, and asks under way.
 * Not for others. */
#pragma once

#include <sys/queue.h>

#include "runtime/absence.h"
#include "runtime/arena.h"
#include "runtime/bus.h"
#include "runtime/link.h"
#include "runtime/outbox.h"

enum {
    BUS_ASKS_MAX = 65536,
    BUS_ASK_BUCKETS = 8192,
    BUS_EARLY_MAX = 32, /* proved frames of peers that the next snapshot should name */
    BUS_EARLY_BYTES_MAX = 2 << 20,
    BUS_EARLY_WAIT_US = 1000000,
    BUS_LOCAL_BUDGET = 1024,     /* local messages and ended asks per turn */
    BUS_HINT_BACKLOG_MAX = 4096, /* bytes; hints are not worth waiting in a longer line */
    BUS_TICK_US = 500000,
    BUS_SILENCE_US = 2000000, /* without a snapshot: join again */
    BUS_CLIENT_JOIN_US = 1000000,
    BUS_RETRY_MIN_US = 2000,
    BUS_RETRY_MAX_US = 50000
};

struct bus_ask {
    struct bus *bus; /* NULL: the bus is gone */
    uint64_t number;
    struct peer *peer; /* NULL: this process, or the peer is gone */
    LIST_ENTRY(bus_ask) bucket;
    TAILQ_ENTRY(bus_ask) of_peer;
    TAILQ_ENTRY(bus_ask) waiting; /* for credit */
    TAILQ_ENTRY(bus_ask) ended;
    bool is_known, is_waiting, is_ended;
    enum status outcome;
    int64_t deadline_us;
    struct arena *arena;
    struct envelope request; /* copied into the arena while it waits for credit */
    struct envelope reply;
    struct completion completion;
};

TAILQ_HEAD(bus_ask_list, bus_ask);

struct peer {
    struct member member;
    struct outbox lanes[LANES_COUNT];
    uint64_t opening;                /* of the link by the peer, the newest; 0: nothing heard yet */
    uint64_t sequences[LANES_COUNT]; /* of the last frames received in it */
    bool has_frame[LANES_COUNT]; /* a frame has been received since the link or the opening began */
    int64_t heard_at_us;         /* 0: never */
    int64_t hints_heard_at_us;   /* on the lane of the hints, with or without any; 0: never */
    uint64_t sent, sent_done;    /* our requests, and those that the peer says are finished */
    uint64_t seen, seen_done;    /* its requests, and those that we have finished */
    uint64_t count;              /* names this counting of `seen` among all of the bus */
    bool is_credit_due;
    bool has_missed_hints; /* some were dropped on the way to it, and it was not told yet */
    struct bus_ask_list asks;
    struct bus_ask_list waiting;
    size_t waiting_count;
};

/* How far a peer had been heard when its link was closed: it may come back in the same life, and
 * what it said before is not to be said again. */
struct past_peer {
    uint64_t incarnation; /* 0: none */
    uint64_t opening;
    uint64_t sequences[LANES_COUNT];
};

struct early_frame {
    enum lane lane;
    int64_t at_us;
    char *data;
    size_t length;
};

/* A message to this process. */
struct local_request {
    STAILQ_ENTRY(local_request) entry;
    struct envelope envelope;
    struct return_address from;
    struct arena *arena;
};

struct bus {
    struct bus_options options;
    struct links *links;
    struct member self;
    struct members members, incoming; /* `incoming` is room to decode into */
    uint64_t agent_incarnation;
    int64_t heard_at_us, joined_at_us;
    struct absence absence;
    bool is_join_due, is_stopping;
    struct outbox agent;
    struct peer *peers[MEMBERS_MAX];
    size_t peers_count;
    size_t next_peer;                   /* of the round robin */
    struct past_peer past[MEMBERS_MAX]; /* a ring */
    size_t next_past;
    uint64_t last_opening, last_count;
    struct early_frame early[BUS_EARLY_MAX];
    size_t early_count, early_bytes;
    LIST_HEAD(, bus_ask) buckets[BUS_ASK_BUCKETS];
    size_t asks_count;
    uint64_t last_ask;
    struct bus_ask_list ended; /* to be told to their fibers at the turn's end */
    STAILQ_HEAD(, local_request) local;
    size_t local_count;
    struct timer tick, retry;
    int64_t retry_delay_us;
};

const uint8_t *bus_key_of(const struct bus *bus, enum member_kind kind);
void bus_send_join(struct bus *bus);

/* bus_peers.c */
struct peer *bus_find_peer(const struct bus *bus, uint64_t incarnation);
/* Opens and closes links as the snapshot in bus->incoming says, and takes it over. */
void bus_receive_snapshot(struct bus *bus, uint64_t agent_incarnation, uint64_t version);
void bus_drop_peers(struct bus *bus);
/* So many microseconds nobody could be heard, because this process did not run. */
void bus_forgive_silence(struct bus *bus, int64_t absence_us);
/* Reads one frame and acts on it. */
void bus_read_frame(struct bus *bus, enum lane lane, struct text frame);
void bus_drop_early(struct bus *bus, int64_t before_us);

/* bus_ask.c */
/* The ask ends with `outcome` when the turn does. */
void bus_end_ask(struct bus_ask *ask, enum status outcome);
/* Ends all that the peer was asked and has not answered; what waits for credit goes on waiting. */
void bus_end_sent_asks(struct peer *peer);
void bus_receive_reply(struct bus *bus, const struct peer *peer, const struct envelope *reply);
/* Sends what waits for credit, as far as it reaches. */
void bus_pump(struct bus *bus, struct peer *peer);
/* Hands over local requests and ended asks. */
void bus_run_local(struct bus *bus);
void bus_end_all_asks(struct bus *bus);
