/* Whether who sends a message is signed in at this very moment. */
#pragma once

#include "actors/host/job.h"

/* Asks the domain that keeps the session (or the API key) which the message was sent with, if the
 * message wants that (`live_session`, messages/README.md) and somebody is signed in. WAITS.
 * Statuses: OK, UNAUTHENTICATED (it has ended), FORBIDDEN (the API key may not do it any more),
 * those of request_ask(). */
MUST_CHECK enum status live_session_require(const struct job *job);
