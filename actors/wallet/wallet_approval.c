/* What of wallets waits for a second member of the staff, as he sees and decides it. */
#include "actors/host/approval.h"
#include "wallet_handlers.h"

static void take_correction(const struct wallet_corrected *corrected, struct wallet_approved *reply)
{
    reply->has_transaction_id = reply->has_balance = true;
    reply->transaction_id = corrected->transaction_id;
    reply->balance = corrected->balance;
}

static void take_credit(const struct wallet_credited *credited, struct wallet_approved *reply)
{
    reply->has_transaction_id = reply->has_balance = true;
    reply->transaction_id = credited->transaction_id;
    reply->balance = credited->balance;
    reply->has_expires_at = credited->has_expires_at;
    reply->expires_at_us = credited->expires_at_us;
}

static void take_cards(const struct wallet_gift_cards_made *made, struct wallet_approved *reply)
{
    reply->cards = made->data;
    reply->cards_count = made->data_count;
    reply->codes = made->codes;
    reply->codes_count = made->codes_count;
}

enum status wallet_handle_approve_request(struct request *request,
                                          const struct approvals_approve_request *command,
                                          struct wallet_approved *ret_reply)
{
    const struct message *message;
    void *done;
    TRY(approval_approve(request, command->approval_id, command->reason, &message, &done,
                         &ret_reply->approval));
    if (message == &wallet_correct_wallet_message) take_correction(done, ret_reply);
    if (message == &wallet_credit_wallet_message) take_credit(done, ret_reply);
    if (message == &wallet_make_gift_cards_message) take_cards(done, ret_reply);
    return STATUS_OK;
}

enum status wallet_handle_decline_request(struct request *request,
                                          const struct approvals_decline_request *command,
                                          struct common_approval *ret_reply)
{
    return approval_decline(request, command->approval_id, command->reason, ret_reply);
}

enum status wallet_handle_list_requests(struct request *request,
                                        const struct approvals_list_requests *query,
                                        struct common_approvals *ret_reply)
{
    return approval_list(request, query, ret_reply);
}
