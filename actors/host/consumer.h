/* Consumers: each reads the events of one other domain for one domain that is hosted here. */
#pragma once

#include "actors/host/host.h"

/* Starts a consumer for every domain whose events this one consumes. */
void consumers_start(struct hosted *hosted);
/* That domain may have new events: those who read it look at once. */
void consumers_on_hint(struct host *host, unsigned domain);
