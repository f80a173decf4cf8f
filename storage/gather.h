/* Reads by key, or by a few values, that come in the same turn of the loop share one statement: for
 * a single row, most of the server's work is the statement itself. */
#pragma once

#include "storage/query.h"

enum {
    GATHER_KEYS_MAX = 32,      /* of one statement; the next key begins another */
    GATHER_STATEMENTS_MAX = 8, /* that can be gathering at once; more run by themselves */
};

/* Reads the row of `key`. The statement has one parameter, `$1 uuid[]`, and yields at most one row
 * per element of it, whose first column is that element. The arena keeps the row; ret_rows->count
 * is 0 when there is none. WAITS. Statuses as query_run(); a failure meets all who share it. */
MUST_CHECK enum status query_run_by_key(struct database *database, struct arena *arena,
                                        const struct statement *statement, struct uuid key,
                                        int64_t deadline_us, struct rows *ret_rows);
/* Reads what belongs to one row of parameters. Those of the statement are arrays of one length,
 * read by unnest() WITH ORDINALITY; it yields at most one row per element, whose first column is
 * the place of the element, from 1. `row` is columns of one row (storage/columns.h). Otherwise as
 * above. */
MUST_CHECK enum status query_run_row(struct database *database, struct arena *arena,
                                     const struct statement *statement,
                                     const struct store_params *row, int64_t deadline_us,
                                     struct rows *ret_rows);
