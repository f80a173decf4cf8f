/* The row of the market's time. */
#include "actors/host/test_mode.h"

#include "actors/host/request_internal.h"
#include "storage/market_time.h"

#define OFFSET_MAX_US ((int64_t)100 * 365 * 24 * 3600 * 1000000)

bool test_mode_is_on(const struct request *request)
{
    return config_bool(request_config(request), SETTING_TEST_MODE);
}

enum status test_mode_move_clock(struct request *request, int64_t by_us, int64_t *ret_offset_us)
{
    assert(by_us >= 0);
    int64_t offset_us;
    struct arena *arena = request->arena;
    TRY(market_time_load(request->hosted->database, arena, request->deadline_us, &offset_us));
    if (by_us > OFFSET_MAX_US - offset_us) return STATUS_OUT_OF_RANGE;
    market_time_move(request_unit(request), arena, offset_us, offset_us + by_us);
    *ret_offset_us = offset_us + by_us;
    return STATUS_OK;
}
