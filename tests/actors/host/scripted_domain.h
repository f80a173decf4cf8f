/* A domain of two commands and a query whose handlers do as the test says, in a node without
 * sockets: what is said to it goes through receive.c and dispatch.c to PostgreSQL and back. */
#pragma once

#include "tests/actors/host/host_stage.h"

enum {
    DOMAIN_SHARD = 5,
    COMMAND_NUMBER = 3901,
    QUERY_NUMBER = 3902, /* for nodes only */
    SECRET_NUMBER = 3903 /* a command whose reply may hold a token */
};

/* What the handlers do, and what became of it. */
struct script {
    enum status outcome;
    unsigned conflicts; /* the first so many runs end in one, in their unit */
    bool writes, has_token, remembers, explains;
    unsigned runs;
    int64_t recalled; /* what the last run found remembered; -1: nothing */
};

struct scripted_reply {
    int64_t number; /* of the run that gave it */
    bool has_token;
    struct text token;
};

extern struct host_stage *domain_stage;
extern struct script script;
extern struct envelope domain_answer; /* to what was said last */

/* For each claim. The script begins with handlers that write and go well. */
int domain_open(void **state);
int domain_close(void **state);
/* Runs the story on a fiber. */
void domain_tell(void (*story)(void));

/* In a story: message number `n` as a gateway sends it, a command or a query. */
struct envelope domain_envelope(uint16_t number, uint8_t n);
/* Says it and returns the status of the reply, which is in domain_answer. */
enum status domain_say(const struct envelope *envelope);
enum status domain_say_within(const struct envelope *envelope, int64_t wait_us);
struct scripted_reply domain_read_reply(void);
/* The pointer of the first fault of the answer; "" if there is none. */
const char *domain_read_fault(void);
/* How often a handler's write was committed. */
void domain_assert_effects(const char *expected);
