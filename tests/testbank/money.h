/* What was charged and what came back: charges, refunds, disputes, movements of money. */
#pragma once

#include "tests/testbank/call.h"

json_t *charge_retrieve(struct call *call);
json_t *charge_list(struct call *call);

json_t *refund_create(struct call *call);
json_t *refund_retrieve(struct call *call);
json_t *refund_update(struct call *call);
json_t *refund_list(struct call *call);
json_t *refund_cancel(struct call *call);
/* What a card does with a refund some time later. */
void refund_settled(struct bank *bank, struct refund *refund);
/* The refund did not arrive, or was taken back: its money is here again. False when it was so
 * before. */
bool refund_failed(struct bank *bank, struct refund *refund, enum refund_status status);

json_t *dispute_retrieve(struct call *call);
json_t *dispute_list(struct call *call);
json_t *dispute_close(struct call *call);
/* NULL: there is nothing to dispute. */
struct dispute *dispute_open(struct bank *bank, struct charge *charge);
/* False when it has ended before. */
bool dispute_end(struct bank *bank, struct dispute *dispute, bool is_won);

json_t *balance_retrieve(struct call *call);
json_t *balance_list(struct call *call);
