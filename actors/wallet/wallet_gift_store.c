/* SQL of gift cards. */
#include "actors/wallet/wallet_gift_store.h"

#include <string.h>

#include "actors/wallet/wallet_store_parts.h"

#define CARD_COLUMNS                                                                               \
    "id, digest, last4, currency, amount, coalesce(expires_at, 0), reference, made_by,"            \
    " created_at, state, wallet_id, coalesce(redeemed_at, 0), coalesce(blocked_at, 0)"

static enum wallet_gift_card_state read_state(struct text name)
{
    for (size_t i = 0; i < WALLET_GIFT_CARD_STATE_COUNT; i++) {
        if (text_equals_string(name, wallet_gift_card_state_names[i]))
            return (enum wallet_gift_card_state)i;
    }
    assert(false && "the table's check allows no other state");
    return WALLET_GIFT_CARD_STATE_BLOCKED;
}

static void read_card(struct row *row, struct gift_card *ret_card)
{
    *ret_card = (struct gift_card){ .id = row_uuid(row) };
    const struct text digest = row_bytes(row);
    assert(digest.length == sizeof ret_card->digest);
    memcpy(ret_card->digest, digest.data, sizeof ret_card->digest);
    ret_card->last4 = row_text(row);
    const struct text currency = row_text(row);
    ret_card->amount = wallet_store_money(row_int(row), currency);
    ret_card->expires_at_us = row_int(row);
    ret_card->reference = row_text(row);
    ret_card->made_by = row_uuid(row);
    ret_card->created_at_us = row_int(row);
    ret_card->state = read_state(row_text(row));
    if (!row_skip_null(row)) ret_card->wallet_id = row_uuid(row);
    ret_card->redeemed_at_us = row_int(row);
    ret_card->blocked_at_us = row_int(row);
}

static enum status query_cards(struct request *request, const struct statement *statement,
                               const struct store_params *params, struct gift_card **ret_cards,
                               size_t *ret_count)
{
    struct rows rows;
    TRY(request_query(request, statement, params, &rows));
    struct gift_card *cards =
        arena_allocate_array(request_arena(request), rows.count, sizeof *cards);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_card(&row, &cards[i]);
    }
    *ret_cards = cards;
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status wallet_store_find_gift_card(struct request *request, struct uuid card_id,
                                        struct gift_card *ret_card, bool *ret_exists)
{
    static const struct statement find = {
        .name = "wallet_find_gift_card",
        .sql = "SELECT " CARD_COLUMNS " FROM wallet.gift_card WHERE id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct gift_card *cards;
    size_t count;
    param_uuid(params, arena, card_id);
    TRY(query_cards(request, &find, params, &cards, &count));
    *ret_exists = count > 0;
    if (count > 0) *ret_card = cards[0];
    return STATUS_OK;
}

void wallet_store_add_gift_cards(struct request *request, const struct gift_cards_made *made)
{
    static const struct statement keep_limit = {
        .name = "wallet_keep_staff_limit",
        .sql = "SELECT wallet.keep_staff_limit($1, $2, $3, $4, $5)",
    };
    static const struct statement add = {
        .name = "wallet_add_gift_cards",
        .sql = "INSERT INTO wallet.gift_card (id, shard, digest, last4, currency, amount,"
               " expires_at, reference, made_by, created_at)"
               " SELECT c.id, $4, c.digest, c.last4, $5, $6, $7, $8, $9, $10"
               " FROM unnest($1::uuid[], $2::bytea[], $3::text[]) AS c (id, digest, last4)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct uuid ids[GIFT_CARDS_MADE_MAX];
    struct arena *arena = request_arena(request);
    struct text *digests = arena_allocate_array(arena, made->count, sizeof *digests);
    struct text *last4 = arena_allocate_array(arena, made->count, sizeof *last4);
    const struct gift_card *first = &made->cards[0];
    assert(made->count >= 1);
    assert(made->count <= GIFT_CARDS_MADE_MAX);
    for (size_t i = 0; i < made->count; i++) {
        ids[i] = made->cards[i].id;
        digests[i] =
            (struct text){ (const char *)made->cards[i].digest, sizeof made->cards[i].digest };
        last4[i] = made->cards[i].last4;
    }
    struct store_params *params = request_write(request, &keep_limit);
    param_uuid(params, arena, first->made_by);
    param_text(params, arena, text_of(first->amount.currency));
    param_int(params, arena, made->total);
    param_int(params, arena, made->since_us);
    param_int(params, arena, made->limit);
    params = request_write(request, &add);
    param_uuid_array(params, arena, ids, made->count);
    param_bytes_array(params, arena, digests, made->count);
    param_text_array(params, arena, last4, made->count);
    param_small(params, arena, (int16_t)request_shard(request));
    param_text(params, arena, text_of(first->amount.currency));
    param_int(params, arena, first->amount.amount);
    param_optional_int(params, arena, first->expires_at_us != 0, first->expires_at_us);
    param_text(params, arena, first->reference);
    param_uuid(params, arena, first->made_by);
    param_int(params, arena, first->created_at_us);
}

void wallet_store_save_claimed_card(struct request *request, const struct gift_card *card)
{
    static const struct statement claim = {
        .name = "wallet_claim_gift_card",
        .sql = "WITH c AS (UPDATE wallet.gift_card SET state = 'redeemed', wallet_id = $2,"
               " redeemed_at = $3 WHERE id = $1 AND state = 'open' RETURNING 1)"
               " SELECT require_one(count(*)) FROM c",
    };
    assert(card->state == WALLET_GIFT_CARD_STATE_REDEEMED);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &claim);
    param_uuid(params, arena, card->id);
    param_uuid(params, arena, card->wallet_id);
    param_int(params, arena, card->redeemed_at_us);
}

void wallet_store_save_blocked_card(struct request *request, const struct gift_card *card)
{
    static const struct statement block = {
        .name = "wallet_block_gift_card",
        .sql = "WITH c AS (UPDATE wallet.gift_card SET state = 'blocked', blocked_at = $2"
               " WHERE id = $1 AND state = 'open' RETURNING 1)"
               " SELECT require_one(count(*)) FROM c",
    };
    assert(card->state == WALLET_GIFT_CARD_STATE_BLOCKED);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &block);
    param_uuid(params, arena, card->id);
    param_int(params, arena, card->blocked_at_us);
}

void wallet_store_save_settled_card(struct request *request, struct uuid card_id)
{
    static const struct statement settle = {
        .name = "wallet_settle_gift_card",
        .sql = "UPDATE wallet.gift_card SET credited_at = $2 WHERE id = $1"
               " AND state = 'redeemed' AND credited_at IS NULL",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &settle);
    param_uuid(params, arena, card_id);
    param_int(params, arena, request_now_us(request));
}

void wallet_store_add_card_credit(struct request *request, struct uuid card_id,
                                  struct uuid transaction_id)
{
    static const struct statement add = {
        .name = "wallet_add_card_credit",
        .sql = "INSERT INTO wallet.gift_card_credit (card_id, transaction_id) VALUES ($1, $2)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, card_id);
    param_uuid(params, arena, transaction_id);
}

enum status wallet_store_list_redeemed_cards(struct request *request, unsigned shard_first,
                                             unsigned shard_last, int64_t before_us,
                                             struct gift_card **ret_cards, size_t *ret_count)
{
    static const struct statement list = {
        .name = "wallet_redeemed_gift_cards",
        .sql = "SELECT " CARD_COLUMNS " FROM wallet.gift_card WHERE state = 'redeemed'"
               " AND credited_at IS NULL AND redeemed_at <= $1 AND shard BETWEEN $2 AND $3"
               " ORDER BY redeemed_at LIMIT $4",
    };
    assert(shard_first <= shard_last);
    assert(shard_last < SHARD_COUNT);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_int(params, arena, before_us);
    param_small(params, arena, (int16_t)shard_first);
    param_small(params, arena, (int16_t)shard_last);
    param_int(params, arena, WALLET_REDEEMED_CARDS_MAX);
    return query_cards(request, &list, params, ret_cards, ret_count);
}

#define LIST_CARDS "SELECT " CARD_COLUMNS " FROM wallet.gift_card WHERE (created_at, id) < ($1, $2)"
#define NEWEST_CARDS " ORDER BY created_at DESC, id DESC LIMIT $3"

enum status wallet_store_list_gift_cards(struct request *request,
                                         const struct wallet_list_gift_cards *query,
                                         const struct list_place *place, int64_t max,
                                         struct gift_card **ret_cards, size_t *ret_count)
{
    static const struct statement of_all = {
        .name = "wallet_list_gift_cards",
        .sql = LIST_CARDS NEWEST_CARDS,
    };
    /* An open card whose time is over counts as expired. */
    static const struct statement of_state = {
        .name = "wallet_list_gift_cards_of_state",
        .sql = LIST_CARDS " AND state = $4 AND (state <> 'open' OR coalesce(expires_at <= $5,"
                          " false) = $6)" NEWEST_CARDS,
    };
    assert(max >= 1);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_int(params, arena, place->at_us);
    param_uuid(params, arena, place->id);
    param_int(params, arena, max);
    if (!query->has_state) return query_cards(request, &of_all, params, ret_cards, ret_count);
    const bool is_expired = query->state == WALLET_GIFT_CARD_STATE_EXPIRED;
    param_text(params, arena,
               is_expired ? TEXT("open") : text_of(wallet_gift_card_state_names[query->state]));
    param_int(params, arena, request_now_us(request));
    param_bool(params, arena, is_expired);
    return query_cards(request, &of_state, params, ret_cards, ret_count);
}
