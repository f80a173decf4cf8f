/* What no program of a market ever needs from the kernel is taken from it before it starts, so that
 * whoever gets into one cannot use it against the others or the host. */
#pragma once

#include "runtime/base.h"

/* For this process and all that it starts, for good: no new privileges by programs with a
 * set-user-id bit, and EPERM for tracing, mounting, modules, other processes' memory, clocks, keys
 * of the kernel and the like. False if the kernel cannot do it; nothing has changed then. Safe
 * between fork() and exec(). */
bool sandbox_enter(void);
/* True if the kernel has filters of system calls. */
bool sandbox_is_available(void);
