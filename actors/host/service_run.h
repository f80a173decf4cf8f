/* Services of the domains of a node, as the node starts and ends them. */
#pragma once

#include "actors/host/host.h"
#include "runtime/hint.h"

/* Makes the state of the domain's service, if it has one. */
void service_open(struct hosted *hosted);
/* Lets it work. */
void service_start(struct hosted *hosted);
/* What was committed in a domain: its service looks at it. */
void services_on_hint(struct host *host, const struct hint *hint);
/* When no fiber is left. */
void service_close(struct hosted *hosted);
