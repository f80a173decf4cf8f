/* The bank's counter: takes requests, checks them, has them executed, and answers once the journal
 * is on the disk. */
#pragma once

#include "runtime/loop.h"
#include "tests/testbank/command.h"
#include "tests/testbank/faults.h"
#include "tests/testbank/http.h"
#include "tests/testbank/journal.h"

struct webhooks;

struct waiting_answer {
    struct http_request *request;
    struct http_reply reply;
};

struct front {
    struct loop *loop;
    struct bank *bank;
    struct journal *journal;
    struct http_server *http;
    struct webhooks *webhooks;
    struct faults faults;
    struct waiting_answer *waiting; /* until the end of the turn */
    size_t waiting_count, waiting_capacity;
    struct timer due;
    int64_t behind_us; /* the real time: set before it is started */
    bool is_broken; /* the journal cannot be written: nothing is answered any more */
};

/* The journal's records become the bank. Statuses: as of journal_open(). */
MUST_CHECK enum status front_open(struct front *front, struct loop *loop, const char *journal_path);
/* The settings of this start become part of what happened. Statuses: OK, UNAVAILABLE. */
MUST_CHECK enum status front_start(struct front *front, struct command *start);
/* Keeps a command that is not a request's and executes it. */
void front_do(struct front *front, struct command *command);
/* The bank's time: real, and as far ahead as tests have moved it. */
int64_t front_now_us(const struct front *front);
void front_on_request(void *context, struct http_request *request);
/* At the end of a turn: the disk, then the answers, then deliveries. */
void front_on_turn_end(void *context);
void front_close(struct front *front);
