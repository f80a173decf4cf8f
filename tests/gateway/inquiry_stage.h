/* What the gateway asks the domains for itself, with a clock that the test sets and a backend that
 * answers what it is told to, at once or when it is let go. */
#pragma once

#include "gateway/inquiry.h"
#include "messages/schema.h"

struct inquiry_stage {
    int64_t now_us; /* monotonic and real, set by the test */
    struct clock clock;
    struct timers timers; /* none ever fires */
    struct rng rng;
    struct fibers *fibers;
    struct backend backend;
    struct inquirer inquirer;
    struct arena *arena; /* of what was asked */
    /* What the backend does. */
    enum status transport, status;
    const struct schema *schema; /* with value; NULL: no body */
    const void *value;
    bool is_slow; /* answers wait for inquiry_stage_let_go() */
    struct completion gate;
    /* And saw. */
    size_t asks;
    const struct message *wanted; /* what a question must be; NULL: anything */
    struct text question;         /* the body of the last one */
    size_t settled;               /* calls of inquiry_stage_on_settled() */
};

void inquiry_stage_open(struct inquiry_stage *stage);
/* No question may be under way. */
void inquiry_stage_close(struct inquiry_stage *stage);
/* For what calls back; the context is the stage. */
void inquiry_stage_on_settled(void *context);
/* Lets the answer that waits go its way. */
void inquiry_stage_let_go(struct inquiry_stage *stage);
