/* What follows from an attempt to pay: charges, movements of money, events. */
#pragma once

#include "tests/testbank/bank.h"

/* `payment` says that it was approved: a charge, and its money unless it is captured later. */
void attempt_approved(struct bank *bank, struct intent *intent);
/* `has_charge`: the card was asked, and said no. */
void attempt_declined(struct bank *bank, struct intent *intent, const struct decline *decline,
                      bool has_charge);
/* Money was captured of the intent's charge. */
void attempt_captured(struct bank *bank, struct intent *intent, int64_t amount);
