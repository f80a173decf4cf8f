/* Two looks at a clock that are too far apart. */
#include "runtime/absence.h"

void absence_init(struct absence *absence, int64_t now_us)
{
    assert(absence != NULL);
    absence->looked_us = now_us;
}

int64_t absence_measure(struct absence *absence, int64_t now_us, int64_t period_us)
{
    assert(absence != NULL);
    assert(period_us >= 0);
    const int64_t late_us = now_us - absence->looked_us - period_us;
    absence->looked_us = now_us;
    return late_us >= ABSENCE_MIN_US ? late_us : 0;
}
