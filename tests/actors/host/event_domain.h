/* A domain that consumes two kinds of events of another one, in batches and one by one, and whose
 * handlers do as the test says. */
#pragma once

#include "actors/host/consumer_internal.h"
#include "tests/actors/host/host_stage.h"

enum { BATCHED = 2101, SINGLE = 2102, UNWANTED = 2199 };

extern struct host_stage *event_stage;
extern struct arena *event_arena;
extern struct consumer *event_consumer; /* of the events of the catalogue */
extern char event_trace[512]; /* numbers of events in the order in which they had their effect */
extern int64_t event_poison;  /* the event of this number fails so: */
extern enum status event_failure;

/* For each claim. */
int event_open(void **state);
int event_close(void **state);
/* The body of event number `number`, in the arena. */
struct text event_body(int64_t number);
