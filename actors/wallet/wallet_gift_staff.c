/* Gift cards as staff makes, sees and blocks them. */
#include "actors/host/approval.h"
#include "actors/host/market_currency.h"
#include "actors/wallet/wallet_gift_digest.h"
#include "actors/wallet/wallet_gift_store.h"
#include "actors/wallet/wallet_lot_plan.h"
#include "actors/wallet/wallet_staff.h"

#include "runtime/secret.h"
#include "wallet_handlers.h"

enum {
    PAGE_DEFAULT = 20,
    /* Of 64 shards one is the right one: beyond this many tries it is no chance any more. */
    DRAWS_MAX = 64 * 50,
};

/* ---- made ---- */

/* A code whose card lies in the unit's own shard, so that all cards are made in one unit, or none.
 * An id says its shard, and follows from the code. */
static enum status draw_code(struct request *request, struct gift_code *ret_code,
                             struct gift_card *card)
{
    for (int i = 0; i < DRAWS_MAX; i++) {
        uint32_t random[GIFT_CODE_DRAWN];
        request_random(request, random, sizeof random);
        const struct gift_code code = gift_code_make(random);
        gift_code_digest(request, &code, card->digest);
        card->id = gift_card_id(card->digest);
        if (uuid_shard(card->id) != request_shard(request)) continue;
        card->last4 = text_copy(request_arena(request), gift_code_last4(&code));
        *ret_code = code;
        return STATUS_OK;
    }
    return STATUS_INTERNAL;
}

static enum status make_cards(struct request *request, const struct wallet_make_gift_cards *command,
                              struct wallet_gift_cards_made *ret_reply,
                              struct gift_card **ret_cards)
{
    struct arena *arena = request_arena(request);
    const size_t count = (size_t)command->count;
    assert(count >= 1);
    assert(count <= GIFT_CARDS_MADE_MAX);
    struct gift_card *cards = arena_allocate_array(arena, count, sizeof *cards);
    struct wallet_gift_card *shown = arena_allocate_array(arena, count, sizeof *shown);
    struct text *codes = arena_allocate_array(arena, count, sizeof *codes);
    for (size_t i = 0; i < count; i++) {
        struct gift_code code;
        cards[i] = (struct gift_card){
            .amount = command->amount,
            .expires_at_us = command->has_expires_at ? command->expires_at_us : 0,
            .reference = command->reference,
            .made_by = approval_requester(request),
            .created_at_us = request_now_us(request),
            .state = WALLET_GIFT_CARD_STATE_OPEN,
        };
        TRY(draw_code(request, &code, &cards[i]));
        char *text = arena_allocate(arena, GIFT_CODE_TEXT_MAX + 1);
        codes[i] = (struct text){ text, gift_code_format(&code, text) };
        shown[i] = gift_card_describe(&cards[i], request_now_us(request));
        secret_wipe(&code, sizeof code);
    }
    *ret_reply = (struct wallet_gift_cards_made){
        .data = shown, .data_count = count, .codes = codes, .codes_count = count
    };
    *ret_cards = cards;
    return STATUS_OK;
}

static enum status make_for_staff(struct request *request,
                                  const struct wallet_make_gift_cards *command,
                                  struct wallet_gift_cards_made *ret_reply)
{
    struct wallet_correction total =
        wallet_staff_correction(request, command->amount, command->reason);
    TRY(wallet_staff_check_words(request, command->reason, command->reference));
    TRY(market_check_currency(request, "/amount/currency", STATUS_INVALID_VALUE,
                              text_of(command->amount.currency)));
    TRY(wallet_check_expiry(request, command->has_expires_at, command->expires_at_us));
    if (money_multiply(command->amount, command->count, &total.amount) != STATUS_OK)
        return request_refuse(request, "/amount", STATUS_OUT_OF_RANGE,
                              "All of them together are worth too much.");
    TRY(wallet_staff_keep_limit(request, &total));
    TRY(wallet_staff_require_second(request, "adm", total.staff_id, &total));
    struct gift_card *cards;
    TRY(make_cards(request, command, ret_reply, &cards));
    wallet_store_add_gift_cards(request, &(struct gift_cards_made){ .cards = cards,
                                                                    .count = (size_t)command->count,
                                                                    .total = total.amount.amount,
                                                                    .since_us = total.since_us,
                                                                    .limit = total.limit });
    return STATUS_OK;
}

enum status wallet_handle_make_gift_cards(struct request *request,
                                          const struct wallet_make_gift_cards *command,
                                          struct wallet_gift_cards_made *ret_reply)
{
    const enum status made = make_for_staff(request, command, ret_reply);
    if (made != STATUS_NEEDS_APPROVAL) return made;
    ret_reply->has_approval = true;
    return approval_wait(request, &wallet_make_gift_cards_message, command, &ret_reply->approval,
                         /* subject */ NULL);
}

/* ---- seen ---- */

enum status wallet_handle_list_gift_cards(struct request *request,
                                          const struct wallet_list_gift_cards *query,
                                          struct wallet_gift_card_page *ret_reply)
{
    const int64_t limit = query->has_limit ? query->limit : PAGE_DEFAULT;
    struct list_place place = { .at_us = INT64_MAX };
    if (query->has_after) TRY(list_place_read(request, query->after, &place));
    struct gift_card *cards;
    size_t count;
    TRY(wallet_store_list_gift_cards(request, query, &place, limit + 1, &cards, &count));
    const bool has_more = count > (size_t)limit;
    if (has_more) count = (size_t)limit;
    struct wallet_gift_card *shown =
        arena_allocate_array(request_arena(request), count, sizeof *shown);
    for (size_t i = 0; i < count; i++)
        shown[i] = gift_card_describe(&cards[i], request_now_us(request));
    *ret_reply = (struct wallet_gift_card_page){
        .data = shown, .data_count = count, .has_more = has_more, .has_next = has_more
    };
    if (has_more)
        ret_reply->next = list_place_write(request_arena(request), cards[count - 1].created_at_us,
                                           cards[count - 1].id);
    return STATUS_OK;
}

/* ---- blocked ---- */

enum status wallet_handle_block_gift_card(struct request *request,
                                          const struct wallet_block_gift_card *command,
                                          struct wallet_gift_card *ret_reply)
{
    struct gift_card card;
    bool exists, changes;
    TRY(wallet_staff_check_words(request, command->reason, TEXT("")));
    TRY(request_settle(request)); /* who redeems it just now was first */
    TRY(wallet_store_find_gift_card(request, command->card_id, &card, &exists));
    if (!exists) return STATUS_NOT_FOUND;
    if (gift_card_block(&card, request_now_us(request), &changes) != STATUS_OK)
        return request_refuse(request, "", STATUS_ILLEGAL_TRANSITION,
                              "The card has been redeemed: correct the wallet instead.");
    if (changes) wallet_store_save_blocked_card(request, &card);
    *ret_reply = gift_card_describe(&card, request_now_us(request));
    return STATUS_OK;
}
