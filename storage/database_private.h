/* What a database is made of; private to storage. */
#pragma once

#include "messages/values.h"
#include "storage/committer.h"
#include "storage/connection.h"
#include "storage/database.h"
#include "storage/gather.h"
#include "storage/heartbeat.h"
#include "storage/readers.h"

struct gathering;

struct database {
    struct database_options options; /* its strings are not kept */
    char *domain, *member;
    struct readers *readers;
    struct connection *writer;
    struct heartbeat *heartbeat;
    struct committer *committer;
    int64_t epochs[SHARD_COUNT];
    uint64_t owned; /* shards, as bits */
    bool is_fenced;
    struct gathering *gatherings[GATHER_STATEMENTS_MAX]; /* that were open; NULL: a free place */
};
