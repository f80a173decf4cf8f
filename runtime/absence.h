/* How long a process itself was away: stopped, or without a processor, as when the host of a
 * virtual machine is busy. Whoever judges others by their silence takes that time off, since nobody
 * could be heard in it (runtime/README.md, Decisions: nobody is judged by a clock that stood
 * still). Pure. */
#pragma once

#include "runtime/base.h"

enum { ABSENCE_MIN_US = 500000 /* less is a busy turn */ };

struct absence {
    int64_t looked_us; /* monotonic */
};

void absence_init(struct absence *absence, int64_t now_us);
/* To be called about every `period_us`. Gives by how much it is called later than that; 0 if that
 * is less than ABSENCE_MIN_US. */
int64_t absence_measure(struct absence *absence, int64_t now_us, int64_t period_us);
