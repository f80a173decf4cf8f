/* How this node is, as gateways ask it for each domain. */
#pragma once

#include "actors/host/host.h"

/* Answers host.check_health, at once: it asks no database. */
MUST_CHECK enum status health_answer(struct hosted *hosted, struct arena *arena, struct text body,
                                     int64_t deadline_us, struct text *ret_body);
