/* SQL of cards that shoppers keep. */
#include "actors/payment/kept_card_store.h"

#include "actors/payment/payment_store.h"

/* ---- cards ---- */

#define CARD                                                                                       \
    "SELECT id, user_id, state, customer, method, setup, brand, last4, exp_month, exp_year,"       \
    " next_url, created_at FROM payment.card"

static void read_card(struct row *row, struct kept_card *kept)
{
    struct payment_card *card = &kept->card;
    card->id = row_uuid(row);
    kept->user_id = row_uuid(row);
    const struct text state = row_text(row);
    kept->is_leaving = text_equals_string(state, "leaving");
    if (!kept->is_leaving)
        card->state = (enum payment_card_state)payment_store_find_name(
            state, payment_card_state_names, PAYMENT_CARD_STATE_COUNT);
    kept->customer = row_text(row);
    kept->method = row_text(row);
    kept->setup = row_text(row);
    card->brand = row_text(row);
    card->last4 = row_text(row);
    card->exp_month = row_int(row);
    card->exp_year = row_int(row);
    card->next_action.redirect_url = row_text(row);
    card->has_next_action = card->next_action.redirect_url.length > 0;
    card->created_at_us = row_int(row);
}

enum status kept_card_store_load(struct request *request, struct uuid card_id,
                                 struct kept_card *ret_card)
{
    static const struct statement load = {
        .name = "payment_load_card",
        .sql = CARD " WHERE id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, card_id);
    TRY(request_query(request, &load, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    *ret_card = (struct kept_card){ .is_leaving = false };
    read_card(&row, ret_card);
    return STATUS_OK;
}

enum status kept_card_store_list(struct request *request, struct uuid user_id,
                                 struct kept_card ret_cards[CARDS_MAX], size_t *ret_count)
{
    static const struct statement list = {
        .name = "payment_list_cards",
        .sql = CARD " WHERE user_id = $1 AND state IN ('pending', 'ready') ORDER BY created_at, id"
                    " LIMIT $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, user_id);
    param_int(params, arena, CARDS_MAX);
    TRY(request_query(request, &list, params, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ret_cards[i] = (struct kept_card){ .is_leaving = false };
        read_card(&row, &ret_cards[i]);
    }
    *ret_count = rows.count;
    return STATUS_OK;
}

static void add_told(struct store_params *params, struct arena *arena, const struct kept_card *kept,
                     int64_t due_at_us)
{
    const struct payment_card *card = &kept->card;
    param_uuid(params, arena, card->id);
    param_text(params, arena, text_of(payment_card_state_names[card->state]));
    param_text(params, arena, kept->method);
    param_text(params, arena, card->brand);
    param_text(params, arena, card->last4);
    param_int(params, arena, card->exp_month);
    param_int(params, arena, card->exp_year);
    param_text(params, arena, card->has_next_action ? card->next_action.redirect_url : TEXT(""));
    param_int(params, arena, due_at_us);
}

void kept_card_store_insert(struct request *request, const struct kept_card *card,
                            int64_t due_at_us)
{
    static const struct statement insert = {
        .name = "payment_insert_card",
        .sql = "INSERT INTO payment.card (id, state, method, brand, last4, exp_month, exp_year,"
               " next_url, due_at, shard, user_id, customer, setup, created_at)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, nullif($9, 0), $10, $11, $12, $13, $14)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &insert);
    add_told(params, arena, card, due_at_us);
    param_small(params, arena, (int16_t)uuid_shard(card->card.id));
    param_uuid(params, arena, card->user_id);
    param_text(params, arena, card->customer);
    param_text(params, arena, card->setup);
    param_int(params, arena, card->card.created_at_us);
}

void kept_card_store_save(struct request *request, const struct kept_card *card, int64_t due_at_us)
{
    static const struct statement save = {
        .name = "payment_save_card",
        .sql = "WITH u AS (UPDATE payment.card SET state = $2, method = $3, brand = $4, last4 = $5,"
               " exp_month = $6, exp_year = $7, next_url = $8, due_at = nullif($9, 0)"
               " WHERE id = $1 AND state = 'pending' RETURNING 1)"
               " SELECT host.require_one(count(*)) FROM u",
        .on_duplicate = STATUS_CONFLICT,
    };
    add_told(request_write(request, &save), request_arena(request), card, due_at_us);
}

void kept_card_store_drop(struct request *request, struct uuid card_id)
{
    static const struct statement drop = {
        .name = "payment_drop_card",
        .sql = "UPDATE payment.card SET state = 'leaving', due_at = $2 WHERE id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &drop);
    param_uuid(params, arena, card_id);
    param_int(params, arena, request_now_us(request));
}

void kept_card_store_drop_all(struct request *request, struct uuid user_id)
{
    static const struct statement drop = {
        .name = "payment_drop_cards",
        .sql = "WITH t AS (DELETE FROM payment.card_try WHERE user_id = $1)"
               " UPDATE payment.card SET state = 'leaving', due_at = $2 WHERE user_id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &drop);
    param_uuid(params, arena, user_id);
    param_int(params, arena, request_now_us(request));
}

void kept_card_store_forget(struct request *request, struct uuid card_id)
{
    static const struct statement forget = {
        .name = "payment_forget_card",
        .sql = "DELETE FROM payment.card WHERE id = $1",
    };
    struct arena *arena = request_arena(request);
    param_uuid(request_write(request, &forget), arena, card_id);
}

enum status kept_card_store_list_due(struct request *request, unsigned shard_first,
                                     unsigned shard_last, size_t max, const struct uuid **ret_ids,
                                     size_t *ret_count)
{
    static const struct statement list = {
        .name = "payment_list_due_cards",
        .sql = "SELECT id FROM payment.card WHERE due_at <= $1 AND shard BETWEEN $2 AND $3"
               " ORDER BY due_at LIMIT $4",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int(params, arena, request_now_us(request));
    param_small(params, arena, (int16_t)shard_first);
    param_small(params, arena, (int16_t)shard_last);
    param_int(params, arena, (int64_t)max);
    TRY(request_query(request, &list, params, &rows));
    struct uuid *ids = arena_allocate_array(arena, rows.count, sizeof *ids);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ids[i] = row_uuid(&row);
    }
    *ret_ids = ids;
    *ret_count = rows.count;
    return STATUS_OK;
}

/* ---- cards that were tried ---- */

void kept_card_store_note_try(struct request *request, struct uuid card_id, struct uuid user_id,
                              bool is_declined)
{
    static const struct statement note = {
        .name = "payment_note_card_try",
        .sql = "WITH old AS (DELETE FROM payment.card_try WHERE user_id = $2 AND tried_at < $5)"
               " INSERT INTO payment.card_try (id, user_id, tried_at, is_declined)"
               " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &note);
    const int64_t now_us = request_now_us(request);
    param_uuid(params, arena, card_id);
    param_uuid(params, arena, user_id);
    param_int(params, arena, now_us);
    param_bool(params, arena, is_declined);
    param_int(params, arena, now_us - CARD_TRIES_LIFE_US);
}

void kept_card_store_decline_try(struct request *request, struct uuid card_id)
{
    static const struct statement decline = {
        .name = "payment_decline_card_try",
        .sql = "UPDATE payment.card_try SET is_declined = true WHERE id = $1",
    };
    struct arena *arena = request_arena(request);
    param_uuid(request_write(request, &decline), arena, card_id);
}

enum status kept_card_store_count_tries(struct request *request, struct uuid user_id,
                                        int64_t since_us, int64_t *ret_count)
{
    static const struct statement count = {
        .name = "payment_count_card_tries",
        .sql = "SELECT count(*) FROM payment.card_try WHERE user_id = $1 AND tried_at >= $2",
    };
    return payment_store_count(request, &count, user_id, since_us, ret_count);
}

/* ---- the provider's own record of a shopper ---- */

enum status kept_card_store_find_customer(struct request *request, struct uuid user_id,
                                          struct text *ret_reference)
{
    static const struct statement find = {
        .name = "payment_find_customer",
        .sql = "SELECT reference FROM payment.customer WHERE user_id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, user_id);
    TRY(request_query(request, &find, params, &rows));
    *ret_reference = (struct text){ 0 };
    if (rows.count == 0) return STATUS_OK;
    struct row row = rows_at(&rows, 0);
    *ret_reference = row_text(&row);
    return STATUS_OK;
}

void kept_card_store_begin_customer(struct request *request, struct uuid customer_id,
                                    struct uuid user_id)
{
    static const struct statement begin = {
        .name = "payment_begin_customer",
        .sql = "INSERT INTO payment.customer (id, user_id, created_at) VALUES ($1, $2, $3)"
               " ON CONFLICT DO NOTHING",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &begin);
    param_uuid(params, arena, customer_id);
    param_uuid(params, arena, user_id);
    param_int(params, arena, request_now_us(request));
}

void kept_card_store_name_customer(struct request *request, struct uuid user_id,
                                   struct text reference)
{
    static const struct statement name = {
        .name = "payment_name_customer",
        .sql = "UPDATE payment.customer SET reference = $2 WHERE user_id = $1 AND reference = ''",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &name);
    param_uuid(params, arena, user_id);
    param_text(params, arena, reference);
}
