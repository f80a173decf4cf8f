/* What may happen to a tally. */
#include "actors/@name@/@name@.h"

#include <assert.h>

enum status @name@_add(struct @name@ *@name@, int64_t amount)
{
    assert(amount > 0);
    assert(@name@->total >= 0);
    if (amount > @NAME@_TOTAL_MAX - @name@->total) return STATUS_@NAME@_IS_FULL;
    @name@->total += amount;
    return STATUS_OK;
}
