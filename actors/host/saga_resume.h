/* Sagas after a restart of their node. */
#pragma once

#include "actors/host/host.h"

/* Starts every open saga of the domain's shards from its row. WAITS. Statuses: OK, those of
 * saga_store_open(). */
MUST_CHECK enum status saga_resume_all(struct hosted *hosted);
