/* What corrections and credits of staff have in common. */
#pragma once

#include "actors/wallet/wallet_entry_store.h"

/* A wallet that nothing has happened in is somebody's only if there is such a shopper, who may be
 * blocked or gone. WAITS. Statuses: OK, NOT_FOUND, those of request_ask(). */
MUST_CHECK enum status wallet_staff_require_owner(struct request *request,
                                                  const struct wallet *wallet);
/* Whose wallet gets money must be there, and stay: neither erased nor about to be. WAITS. Statuses:
 * OK, NOT_FOUND, ACCOUNT_CLOSING, those of request_ask(). */
MUST_CHECK enum status wallet_staff_require_staying(struct request *request, struct uuid user_id);
/* Words that people read. Statuses: OK, INVALID_VALUE. */
MUST_CHECK enum status wallet_staff_check_words(struct request *request, struct text reason,
                                                struct text reference);
/* What was there before, for the audit trail. */
void wallet_staff_audit(struct request *request, const struct wallet *wallet, const char *currency);
/* Whose correction it is, since when the day's are counted, and up to what. */
struct wallet_correction wallet_staff_correction(struct request *request, struct money amount,
                                                 struct text reason);
/* Whether one member of the staff may move so much alone: what he has moved in the day, in whatever
 * wallets and cards, counts together, as it is the market's own money that goes. The user may be
 * staff himself, who makes cards. WAITS. Statuses: those of approval_require(). */
MUST_CHECK enum status wallet_staff_require_second(struct request *request, const char *prefix,
                                                   struct uuid subject,
                                                   const struct wallet_correction *correction);
/* What others of the same member of staff are on their way with is counted by the database. WAITS.
 * Statuses: OK, LIMIT_EXCEEDED, those of request_query(). */
MUST_CHECK enum status wallet_staff_keep_limit(struct request *request,
                                               const struct wallet_correction *correction);
