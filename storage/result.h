/* From libpq's results to ours: copies rows into an arena and gives SQLSTATEs their meaning. */
#pragma once

#include <libpq-fe.h>

#include "runtime/arena.h"
#include "runtime/text.h"
#include "storage/store.h"

/* Fills in `ret_result` from a finished result; `arena` takes what it points to. NULL: only the
 * status is filled in. */
void result_read(const PGresult *from, const struct statement *statement, struct arena *arena,
                 struct store_result *ret_result);
/* What an SQLSTATE means for the statement (storage/README.md, Decisions: checks must raise). */
enum status result_status(const char *sqlstate, const struct statement *statement);
/* Whose fault it is; OWN for all that is not known to pass by itself. */
enum store_fault result_fault(const char *sqlstate);
