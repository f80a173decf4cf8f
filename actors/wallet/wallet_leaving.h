/* Accounts that are being erased: no money is begun to be brought into their wallets. */
#pragma once

#include "actors/host/request.h"

/* Before a wallet gets money that somebody asks for now. The unit commits only if the account has
 * not begun to leave by then: who is first wins. WAITS. Statuses: OK, ACCOUNT_CLOSING, those of
 * request_query(). */
MUST_CHECK enum status wallet_require_staying(struct request *request, struct uuid user_id);
