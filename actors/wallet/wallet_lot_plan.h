/* What an entry does to credit that expires: planned before anything is queued, since lots are read
 * for it, and saved behind the entry. A wallet that has no such credit costs no statement. */
#pragma once

#include "actors/wallet/wallet_lot_store.h"

struct wallet_lot_plan {
    char currency[4];
    struct wallet_lots *lots; /* as they shall be */
    struct wallet_lot_moves *moves;
};

/* Each comes when the rule of wallet.h has changed the wallet. WAITS. Statuses: those of
 * wallet_store_load_lots(). */

/* So much was spent. */
MUST_CHECK enum status wallet_plan_spending(struct request *request, const struct wallet *wallet,
                                            struct money amount, struct wallet_lot_plan *ret_plan);
/* So much was taken out otherwise; where nothing was (0 or less), there is nothing to plan. */
MUST_CHECK enum status wallet_plan_taking(struct request *request, const struct wallet *wallet,
                                          struct money amount, struct wallet_lot_plan *ret_plan);
/* So much of the purchase, as it was before, is given back. */
MUST_CHECK enum status wallet_plan_return(struct request *request, const struct wallet *wallet,
                                          const struct wallet_purchase *purchase,
                                          struct money amount, struct wallet_lot_plan *ret_plan);
/* What has expired, but what is held, lapses: so much, which the wallet has still to lose. */
MUST_CHECK enum status wallet_plan_lapse(struct request *request, const struct wallet *wallet,
                                         const char *currency, int64_t *ret_lapsed,
                                         struct wallet_lot_plan *ret_plan);
/* For an entry that a plan is of. */
void wallet_save_plan(struct request *request, struct wallet *wallet,
                      const struct wallet_lot_plan *plan, struct uuid transaction_id);

/* A currency as messages have it. Statuses: OK, INVALID_VALUE. */
MUST_CHECK enum status wallet_read_currency(struct text currency, char ret_currency[4]);

/* ---- credit ---- */

/* Whether credit may expire then. Statuses: OK, INVALID_VALUE (of "/expires_at"). */
MUST_CHECK enum status wallet_check_expiry(struct request *request, bool has_expires_at,
                                           int64_t expires_at_us);
/* The lots of the currency, and whether one more is possible; without a pointer it has to be.
 * WAITS. Statuses: LIMIT_EXCEEDED (of `pointer`), those of wallet_store_load_lots(). */
MUST_CHECK enum status wallet_plan_credit(struct request *request, const struct wallet *wallet,
                                          const char *currency, const char *pointer,
                                          struct wallet_lot_plan *ret_plan);
/* What a rule has credited and an entry was saved for expires then. */
void wallet_save_credit(struct request *request, struct wallet *wallet,
                        const struct wallet_lot_plan *plan, struct uuid transaction_id,
                        int64_t amount, int64_t expires_at_us);
