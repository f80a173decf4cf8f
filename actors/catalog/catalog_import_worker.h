/* The work of vendors' imports, by the clock. */
#pragma once

#include "actors/host/request.h"

enum { CATALOG_IMPORT_SWEEP_EVERY_US = 500 * 1000 };

/* A few steps of each open import of these shards. WAITS. Statuses: OK, and outages. */
MUST_CHECK enum status catalog_import_sweep(struct request *request, unsigned shard_first,
                                            unsigned shard_last);
/* Forgets imports that ended long ago. WAITS. */
MUST_CHECK enum status catalog_import_forget(struct request *request, unsigned shard_first,
                                             unsigned shard_last);
