/* The provider's report held against what we know: what fits, and what is to be called what does
 * not. Pure. */
#pragma once

#include "actors/payment/provider.h"

/* What is known of the payment that a movement is about. Texts and facts are borrowed. */
struct reconcile_known {
    bool is_found; /* there is one; all else is zero where there is none */
    bool is_stray; /* the provider has made it beside ours, and it is let go */
    struct uuid payment_id;
    struct text reference, charge; /* the provider's ids, as we know them; empty: not told */
    char currency[4];
    const struct payment_provider_fact *facts;
    size_t facts_count;
    int64_t booked_captured, booked_refunded, booked_disputed; /* in the wallet's ledger */
};

struct reconcile_verdict {
    bool is_difference;
    enum payment_difference_kind kind;
    bool
        has_known; /* we know an amount: of what moved, or, where it is not booked, of the ledger */
    int64_t known;
};

/* Whether the movement is one of that payment at all: by the provider's ids, of which a payment has
 * one each. What we wrote beside an object is no proof: a second charge would have the same. */
bool reconcile_is_about(const struct provider_movement *movement,
                        const struct reconcile_known *known);
/* What comes first counts: whose it is, what we were told, how much it is, whether it is booked.
 * Movements of other kinds fit always. */
struct reconcile_verdict reconcile_judge(const struct provider_movement *movement,
                                         const struct reconcile_known *known);

/* A day by the provider's clock, in days since 1970. Statuses: OK, INVALID_VALUE (no day, or not
 * written as 2026-12-01). */
MUST_CHECK enum status reconcile_day_parse(struct text text, int64_t *ret_day);
/* Writes it so, and a NUL. */
enum { RECONCILE_DAY_TEXT = 10 };
void reconcile_day_format(int64_t day, char ret_text[RECONCILE_DAY_TEXT + 1]);
