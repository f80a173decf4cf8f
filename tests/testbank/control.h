/* What tests do to the bank, and what they see of it. */
#pragma once

#include "tests/testbank/call.h"

json_t *control_books(struct call *call);
json_t *control_methods(struct call *call);
json_t *control_clock(struct call *call);
json_t *control_advance(struct call *call);
json_t *control_deliver(struct call *call);
json_t *control_deliveries(struct call *call);
json_t *control_hold(struct call *call);
json_t *control_release(struct call *call);
json_t *control_dispute(struct call *call);
json_t *control_win(struct call *call);
json_t *control_lose(struct call *call);
json_t *control_fail_refund(struct call *call);
json_t *control_settle(struct call *call);
json_t *control_roll_secret(struct call *call);

/* The page of 3-D Secure, and its form. */
json_t *page_show(struct call *call);
json_t *page_submit(struct call *call);
