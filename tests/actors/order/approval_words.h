/* Words about what waits for a second member of the staff. */
#pragma once

#include "tests/actors/order/card_words.h"

static inline void set(const char *option)
{
    char *arguments[] = { (char *)"test", (char *)option, NULL };
    int first;
    assert_int_equal(config_load_arguments(market.config, 2, arguments, &first), STATUS_OK);
}

static inline struct answer approve(struct uuid who, struct uuid approval_id,
                                    struct order_order *ret_order)
{
    const struct approvals_approve_request command = { .approval_id = approval_id,
                                                       .reason = TEXT("I saw it") };
    const struct answer answer =
        market_call(&market, who, &order_approve_request_message, &command, 0, ret_order);
    market_settle(&market);
    return answer;
}

static inline struct answer decline(struct uuid who, struct uuid approval_id)
{
    const struct approvals_decline_request command = { .approval_id = approval_id,
                                                       .reason = TEXT("It is sent again") };
    return market_call(&market, who, &order_decline_request_message, &command, 0, NULL);
}
