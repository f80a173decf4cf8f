/* What the files of the request API for tests share. */
#pragma once

#include <libpq-fe.h>

#include "tests/support/direct_request.h"

enum { WRITES_MAX = 48, RUNS_MAX = 5, AGGREGATE_MAX = 16384 };

struct direct_write {
    const struct statement *statement;
    struct store_params params;
};

struct direct_unit {
    struct uuid key;
    struct direct_write writes[WRITES_MAX];
    size_t writes_count;
    uint16_t events[DIRECT_EVENTS_MAX];
    size_t events_count;
};

struct direct_memory {
    struct uuid key;
    size_t size;
    uint8_t aggregate[AGGREGATE_MAX];
};

struct direct_market {
    const struct domain_definition *domain;
    struct scratch *scratch;
    PGconn *connection; /* as the domain's role */
    PGconn *admin;
    struct arena *arena;
    struct config *config;
    int64_t now_us;
    struct direct_memory memories[DIRECT_KEYS_MAX];
    size_t memories_count;
    bool is_queueing;
    struct direct_unit *queued[DIRECT_UNITS_MAX];
    size_t queued_count;
    uint16_t events[DIRECT_EVENTS_MAX * 4];
    size_t events_count;
    struct request_fault fault;
    enum status (*peer)(void *context, const struct message *message, const void *body,
                        void *ret_reply);
    void *peer_context;
};

struct request {
    struct direct_market *market;
    struct principal principal;
    bool has_key;
    struct uuid key, message_id;
    void *intake;
    unsigned shard;
    struct direct_unit *unit;
    const void *remembered;
    size_t remembered_size;
};

/* Commits what a handler has queued, in one transaction. */
enum status direct_commit_unit(struct direct_market *market, const struct direct_unit *unit);
