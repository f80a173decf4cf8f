/* How a gift card comes into a wallet. Card and wallet are two actors, in two shards: the card is
 * claimed for the wallet first, once and for good; then the wallet is credited under an id that
 * follows from both, so that it may be said again. Who dies in between has left a card that is
 * claimed and not settled, and the sweep goes on from there. */
#include "actors/wallet/wallet_gift_digest.h"
#include "actors/wallet/wallet_gift_store.h"
#include "actors/wallet/wallet_leaving.h"
#include "actors/wallet/wallet_ledger_store.h"
#include "actors/wallet/wallet_lot_plan.h"
#include "actors/wallet/wallet_move.h"
#include "actors/wallet/wallet_sweep.h"

#include <string.h>

#include "runtime/secret.h"
#include "wallet_handlers.h"

/* Whoever redeems one has had his time by then. */
#define LEFT_ALONE_US (INT64_C(10) * 1000000)

/* ---- the card ---- */

static enum status refuse_card(struct request *request, enum status refusal)
{
    return request_refuse(request, "/code", refusal, NULL);
}

static enum status find_card(struct request *request, struct uuid card_id, struct text digest,
                             struct gift_card *ret_card)
{
    bool exists;
    TRY(request_settle(request)); /* it may be claimed or blocked just now */
    TRY(wallet_store_find_gift_card(request, card_id, ret_card, &exists));
    const struct text known = { (const char *)ret_card->digest, GIFT_DIGEST_BYTES };
    if (!exists || !secret_equals(known, digest))
        return refuse_card(request, STATUS_GIFT_CARD_UNKNOWN);
    return STATUS_OK;
}

static struct wallet_gift_card_terms terms_of(const struct gift_card *card, bool is_claimed)
{
    return (struct wallet_gift_card_terms){
        .amount = card->amount,
        .has_expires_at = card->expires_at_us != 0,
        .expires_at_us = card->expires_at_us,
        .reference = card->reference,
        .is_claimed = is_claimed,
    };
}

enum status wallet_handle_look_at_gift_card(struct request *request,
                                            const struct wallet_look_at_gift_card *command,
                                            struct wallet_gift_card_terms *ret_reply)
{
    struct gift_card card = { .amount = { .amount = 0 } };
    bool is_claimed;
    TRY(find_card(request, command->card_id, command->digest, &card));
    const enum status checked =
        gift_card_check(&card, command->wallet_id, request_now_us(request), &is_claimed);
    if (checked != STATUS_OK) return refuse_card(request, checked);
    *ret_reply = terms_of(&card, is_claimed);
    return STATUS_OK;
}

enum status wallet_handle_claim_gift_card(struct request *request,
                                          const struct wallet_claim_gift_card *command,
                                          struct wallet_gift_card_terms *ret_reply)
{
    struct gift_card card = { .amount = { .amount = 0 } };
    bool changes;
    TRY(find_card(request, command->card_id, command->digest, &card));
    const enum status claimed =
        gift_card_claim(&card, command->wallet_id, request_now_us(request), &changes);
    if (claimed != STATUS_OK) return refuse_card(request, claimed);
    if (changes) wallet_store_save_claimed_card(request, &card);
    *ret_reply = terms_of(&card, true);
    return STATUS_OK;
}

enum status wallet_handle_settle_gift_card(struct request *request,
                                           const struct wallet_settle_gift_card *command)
{
    wallet_store_save_settled_card(request, command->card_id);
    return STATUS_OK;
}

/* ---- the wallet ---- */

/* A card that is claimed for a wallet, and the entry that credits it. */
struct redemption {
    struct uuid card_id, entry_id;
    struct wallet_gift_card_terms terms;
};

/* A rule has credited the wallet. What comes late, as it was cut short, is not over at once. */
static void save_redemption(struct request *request, struct wallet *wallet,
                            const struct wallet_lot_plan *plan, const struct redemption *redemption)
{
    const struct wallet_gift_card_terms *terms = &redemption->terms;
    const int64_t now_us = request_now_us(request);
    const int64_t grace_us =
        config_duration_us(request_config(request), SETTING_WALLET_CREDIT_GRACE);
    const struct wallet_entry entry =
        wallet_entry_of(redemption->entry_id, WALLET_TRANSACTION_KIND_GIFT_CARD, terms->amount,
                        WALLET_HOUSE_ACCOUNT_GRANTS, terms->reference);
    wallet_store_save_entry(request, wallet, &entry);
    wallet_store_add_card_credit(request, redemption->card_id, entry.id);
    if (terms->has_expires_at)
        wallet_save_credit(request, wallet, plan, entry.id, terms->amount.amount,
                           terms->expires_at_us > now_us ? terms->expires_at_us
                                                         : now_us + grace_us);
}

/* Whether the wallet has the money already. */
static enum status find_redemption(struct request *request, const struct redemption *redemption,
                                   bool *ret_is_credited)
{
    struct wallet_ledger_entry known;
    TRY(request_settle(request));
    return wallet_store_find_entry(request, redemption->entry_id, &known, ret_is_credited);
}

/* The card is claimed, so no limit keeps it out. */
static enum status credit_claimed(struct request *request, struct wallet *wallet,
                                  const struct redemption *redemption)
{
    bool is_credited;
    struct wallet_lot_plan plan = { .lots = NULL };
    TRY(find_redemption(request, redemption, &is_credited));
    if (is_credited) return STATUS_OK;
    TRY(wallet_plan_credit(request, wallet, redemption->terms.amount.currency, NULL, &plan));
    TRY(wallet_credit(wallet, redemption->terms.amount));
    save_redemption(request, wallet, &plan, redemption);
    return STATUS_OK;
}

enum status wallet_handle_credit_gift_card(struct request *request,
                                           const struct wallet_credit_gift_card *command)
{
    const struct redemption redemption = {
        .card_id = command->card_id,
        .entry_id = gift_card_entry_id(command->wallet_id, command->card_id),
        .terms = { .amount = command->amount,
                   .has_expires_at = command->has_expires_at,
                   .expires_at_us = command->expires_at_us,
                   .reference = command->reference },
    };
    struct wallet *wallet;
    TRY(wallet_store_load(request, command->wallet_id, &wallet));
    return credit_claimed(request, wallet, &redemption);
}

/* Limits are looked at before the card is used. */
static enum status credit_open(struct request *request, struct wallet *wallet,
                               const struct wallet_claim_gift_card *claim,
                               struct redemption *redemption)
{
    const struct wallet_gift_card_terms *terms = &redemption->terms;
    struct wallet_lot_plan plan = { .lots = NULL };
    TRY(wallet_move_at(request, "/code", wallet, terms->amount));
    if (terms->has_expires_at)
        TRY(wallet_plan_credit(request, wallet, terms->amount.currency, "/code", &plan));
    TRY(request_ask(request, &wallet_claim_gift_card_message, claim, &redemption->terms));
    save_redemption(request, wallet, &plan, redemption);
    return STATUS_OK;
}

enum status wallet_handle_redeem_gift_card(struct request *request,
                                           const struct wallet_redeem_gift_card *command,
                                           struct wallet_gift_card_redeemed *ret_reply)
{
    struct gift_code code;
    uint8_t digest[GIFT_DIGEST_BYTES];
    if (!gift_code_read(command->code, &code))
        return refuse_card(request, STATUS_GIFT_CARD_MISTYPED);
    gift_code_digest(request, &code, digest);
    /* A wallet has the id of its user. */
    const struct wallet_look_at_gift_card look = {
        .card_id = gift_card_id(digest),
        .digest = { (const char *)digest, sizeof digest },
        .wallet_id = request_principal(request)->id,
    };
    const struct wallet_claim_gift_card claim = { look.card_id, look.digest, look.wallet_id };
    struct redemption redemption = { .card_id = look.card_id,
                                     .entry_id = gift_card_entry_id(look.wallet_id, look.card_id) };
    TRY(request_ask(request, &wallet_look_at_gift_card_message, &look, &redemption.terms));
    struct wallet *wallet;
    TRY(wallet_store_load(request, look.wallet_id, &wallet));
    const bool is_again = redemption.terms.is_claimed;
    if (is_again) {
        request_set_http_status(request, 200);
        TRY(credit_claimed(request, wallet, &redemption));
    } else {
        TRY(wallet_require_staying(request, look.wallet_id));
        TRY(credit_open(request, wallet, &claim, &redemption));
    }
    const struct wallet_account *account = wallet_account(wallet, redemption.terms.amount.currency);
    assert(account != NULL);
    *ret_reply = (struct wallet_gift_card_redeemed){
        .transaction_id = redemption.entry_id,
        .amount = redemption.terms.amount,
        .balance = money_make(account->balance, account->currency),
        .has_expires_at = redemption.terms.has_expires_at,
        .expires_at_us = redemption.terms.expires_at_us,
    };
    return STATUS_OK;
}

/* ---- by the clock ---- */

static enum status finish_card(struct request *request, const struct gift_card *card)
{
    const struct wallet_credit_gift_card credit = {
        .wallet_id = card->wallet_id,
        .card_id = card->id,
        .amount = card->amount,
        .has_expires_at = card->expires_at_us != 0,
        .expires_at_us = card->expires_at_us,
        .reference = card->reference,
    };
    const struct wallet_settle_gift_card settle = { .card_id = card->id };
    TRY(request_ask(request, &wallet_credit_gift_card_message, &credit, NULL));
    return request_ask(request, &wallet_settle_gift_card_message, &settle, NULL);
}

enum status wallet_sweep_redeemed_cards(struct request *request, unsigned shard_first,
                                        unsigned shard_last)
{
    struct gift_card *cards;
    size_t count;
    enum status outcome = STATUS_OK;
    TRY(wallet_store_list_redeemed_cards(request, shard_first, shard_last,
                                         request_now_us(request) - LEFT_ALONE_US, &cards, &count));
    for (size_t i = 0; i < count; i++) {
        const enum status finished = finish_card(request, &cards[i]);
        if (finished == STATUS_STOPPING) return finished;
        if (outcome == STATUS_OK) outcome = finished;
    }
    return outcome;
}
