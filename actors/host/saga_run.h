/* The runner of sagas. */
#pragma once

#include "actors/host/saga_process.h"

/* Runs a saga whose row has been committed, unless one of that id runs already. Takes the caller's
 * reference. With `wants_answer` the caller must call saga_process_wait_answer() on what is
 * returned; NULL means that somebody else waits already, or that nothing was wanted. */
struct saga_process *saga_run_start(struct saga_process *process, bool wants_answer);
