/* The table of what every domain answers. */
#include "actors/host/host_answers.h"

#include "actors/host/fault_points.h"
#include "actors/host/feed_source.h"
#include "actors/host/health.h"
#include "actors/host/invariants.h"
#include "actors/host/late_sagas.h"
#include "actors/host/market_time.h"
#include "actors/host/parked.h"
#include "actors/host/stuck.h"
#include "host_messages.h"

static const struct host_answer answers[] = {
    { { .message = &host_fetch_events_message }, false, feed_source_answer },
    { { .message = &host_list_parked_events_message }, false, parked_answer_list },
    { { .message = &host_settle_parked_event_message }, false, parked_answer_settle },
    { { .message = &host_list_late_sagas_message }, false, late_sagas_answer },
    { { .message = &host_list_stuck_message }, false, stuck_answer_list },
    { { .message = &host_settle_stuck_message }, false, stuck_answer_settle },
    { { .message = &host_check_health_message }, false, health_answer },
    { { .message = &host_check_invariants_message }, false, invariants_answer },
    { { .message = &host_set_market_time_message }, true, market_time_answer_set },
    { { .message = &host_run_due_message }, true, market_time_answer_run_due },
    { { .message = &host_set_fault_message }, true, fault_points_answer_set },
    { { .message = &host_list_fault_points_message }, true, fault_points_answer_list },
};

const struct host_answer *host_answers_find(uint16_t number)
{
    for (size_t i = 0; i < ARRAY_LENGTH(answers); i++) {
        if (answers[i].entry.message->number == number) return &answers[i];
    }
    return NULL;
}
