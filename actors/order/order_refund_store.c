/* SQL of refunds as they are looked after. */
#include "actors/order/order_refund_store.h"

enum { REFUNDS_DUE_MAX = 100 };

static const struct statement find_statement = {
    .name = "order_refund_find",
    .sql = "SELECT h.at, r.card_tries, r.card_attempt, c.ids, c.amounts, " ORDER_REFUND_MONEY(
        "r") "FROM \"order\".order_refund r JOIN \"order\".order_history h "
             "ON h.order_id = r.order_id AND h.sequence = r.sequence, "
             "LATERAL (SELECT coalesce(array_agg(c.id ORDER BY c.id), '{}') AS ids, "
             "coalesce(array_agg(c.amount::bigint ORDER BY c.id), '{}') AS amounts "
             "FROM \"order\".refund_credit c WHERE c.refund_id = r.id AND c.credited_at IS NULL) c "
             "WHERE r.id = $2 AND r.order_id = $1",
};

enum status order_refund_store_find(struct request *request, struct uuid order_id,
                                    struct uuid refund_id, const char *currency,
                                    struct order_refund_row *ret_refund)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    const struct uuid *ids;
    const int64_t *amounts;
    param_uuid(&params, arena, order_id);
    param_uuid(&params, arena, refund_id);
    TRY(request_query(request, &find_statement, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    struct order_refund_row refund = { .id = refund_id, .order_id = order_id };
    refund.made_at_us = row_int(&row);
    refund.tries = row_int(&row);
    refund.attempt = row_int(&row);
    refund.credits_count = row_uuid_array(&row, arena, &ids);
    if (row_int_array(&row, arena, &amounts) != refund.credits_count) return STATUS_CORRUPT;
    if (refund.credits_count > ORDER_REFUND_CREDITS_MAX) return STATUS_CORRUPT;
    for (size_t i = 0; i < refund.credits_count; i++)
        refund.credits[i] = (struct order_refund_credit){ ids[i], amounts[i] };
    TRY(order_refund_money_read(&row, currency, &refund.money));
    *ret_refund = refund;
    return STATUS_OK;
}

/* ---- what was heard ---- */

static const struct statement note_statement = {
    .name = "order_refund_note",
    .sql = "WITH r AS (UPDATE \"order\".order_refund SET card_tries = card_tries + 1, "
           "card_state = CASE WHEN card > 0 THEN $4 ELSE '' END, card_code = $5, "
           "look_at = nullif($6::bigint, 0) "
           "WHERE id = $1 AND card_tries = $2 AND card = $3 RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM r",
};

void order_refund_store_note(struct request *request, const struct order_refund_row *refund,
                             const struct order_refund_heard *heard)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &note_statement);
    param_uuid(params, arena, refund->id);
    param_int(params, arena, refund->tries);
    param_int(params, arena, refund->money.card.amount.amount);
    param_text(params, arena, text_of(order_card_refund_state_names[heard->state]));
    param_text(params, arena, heard->code);
    param_int(params, arena, heard->look_at_us);
}

static const struct statement credited_statement = {
    .name = "order_refund_credited",
    .sql = "WITH c AS (UPDATE \"order\".refund_credit SET credited_at = $2 "
           "WHERE id = $1 AND credited_at IS NULL RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM c",
};

void order_refund_store_credited(struct request *request, struct uuid credit_id)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &credited_statement);
    param_uuid(params, arena, credit_id);
    param_int(params, arena, request_now_us(request));
}

/* ---- another way ---- */

static const struct statement to_wallet_statement = {
    .name = "order_refund_to_wallet",
    .sql = "WITH r AS (UPDATE \"order\".order_refund SET card = 0, card_state = '', "
           "card_code = '', card_to_wallet = card_to_wallet + card, look_at = $4 "
           "WHERE id = $1 AND card = $2 AND card_state = 'failed' RETURNING id, order_id), "
           "c AS (INSERT INTO \"order\".refund_credit (id, refund_id, order_id, amount) "
           "SELECT $3, r.id, r.order_id, $2 FROM r RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM c",
    .on_duplicate = STATUS_CONFLICT,
};

void order_refund_store_to_wallet(struct request *request, const struct order_refund_row *refund,
                                  struct uuid credit_id)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &to_wallet_statement);
    param_uuid(params, arena, refund->id);
    param_int(params, arena, refund->money.card.amount.amount);
    param_uuid(params, arena, credit_id);
    param_int(params, arena, request_now_us(request));
}

/* What was handed back before stays so: only the rest is open. */
static const struct statement to_hand_statement = {
    .name = "order_refund_to_hand",
    .sql = "WITH r AS (UPDATE \"order\".order_refund SET card = 0, card_state = '', "
           "card_code = '', card_by_hand = card_by_hand + card, manual = manual + card, "
           "settled_at = NULL WHERE id = $1 AND card = $2 AND card_state = 'failed' RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM r",
};

void order_refund_store_to_hand(struct request *request, const struct order_refund_row *refund)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &to_hand_statement);
    param_uuid(params, arena, refund->id);
    param_int(params, arena, refund->money.card.amount.amount);
}

static const struct statement credit_to_hand_statement = {
    .name = "order_refund_credit_to_hand",
    .sql =
        "WITH c AS (DELETE FROM \"order\".refund_credit WHERE id = $2 AND credited_at IS NULL "
        "RETURNING refund_id, amount), "
        "r AS (UPDATE \"order\".order_refund r SET card_to_wallet = r.card_to_wallet - c.amount, "
        "card_by_hand = r.card_by_hand + c.amount, manual = r.manual + c.amount, "
        "settled_at = NULL FROM c WHERE r.id = $1 AND c.refund_id = r.id RETURNING 1) "
        "SELECT host.require_one(count(*)) FROM r",
};

void order_refund_store_credit_to_hand(struct request *request,
                                       const struct order_refund_row *refund,
                                       const struct order_refund_credit *credit)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &credit_to_hand_statement);
    param_uuid(params, arena, refund->id);
    param_uuid(params, arena, credit->id);
}

static const struct statement credit_to_card_statement = {
    .name = "order_refund_credit_to_card",
    .sql =
        "WITH c AS (DELETE FROM \"order\".refund_credit WHERE id = $2 AND credited_at IS NULL "
        "RETURNING refund_id, amount), "
        "r AS (UPDATE \"order\".order_refund r SET card_to_wallet = r.card_to_wallet - c.amount, "
        "card = r.card + c.amount, card_state = 'failed' FROM c WHERE r.id = $1 "
        "AND c.refund_id = r.id AND r.card_state IN ('', 'failed') RETURNING 1) "
        "SELECT host.require_one(count(*)) FROM r",
};

void order_refund_store_credit_to_card(struct request *request,
                                       const struct order_refund_row *refund,
                                       const struct order_refund_credit *credit)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &credit_to_card_statement);
    param_uuid(params, arena, refund->id);
    param_uuid(params, arena, credit->id);
}

/* Its id is used up, so what is left of it gets another one. */
static const struct statement credit_to_bank_statement = {
    .name = "order_refund_credit_to_bank",
    .sql = "WITH c AS (DELETE FROM \"order\".refund_credit WHERE id = $2 AND credited_at IS NULL "
           "AND amount >= $3 RETURNING refund_id, order_id, amount), "
           "n AS (INSERT INTO \"order\".refund_credit (id, refund_id, order_id, amount) "
           "SELECT $4, c.refund_id, c.order_id, c.amount - $3 FROM c WHERE c.amount > $3), "
           "r AS (UPDATE \"order\".order_refund r SET card_to_wallet = r.card_to_wallet - $3, "
           "by_bank = r.by_bank + $3 FROM c WHERE r.id = $1 AND c.refund_id = r.id RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM r",
};

void order_refund_store_credit_to_bank(struct request *request,
                                       const struct order_refund_row *refund,
                                       const struct order_refund_credit *credit, int64_t amount,
                                       struct uuid rest_id)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &credit_to_bank_statement);
    assert(amount > 0);
    assert(amount <= credit->amount);
    param_uuid(params, arena, refund->id);
    param_uuid(params, arena, credit->id);
    param_int(params, arena, amount);
    param_uuid(params, arena, rest_id);
}

static const struct statement to_bank_statement = {
    .name = "order_refund_to_bank",
    .sql = "WITH r AS (UPDATE \"order\".order_refund SET by_bank = by_bank + $3, card = card - $3, "
           "card_state = CASE WHEN card > $3 THEN card_state ELSE '' END, "
           "card_code = CASE WHEN card > $3 THEN card_code ELSE '' END WHERE id = $1 AND card = $2 "
           "AND card_state = 'failed' RETURNING 1) SELECT host.require_one(count(*)) FROM r",
};

void order_refund_store_to_bank(struct request *request, const struct order_refund_row *refund,
                                int64_t amount)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &to_bank_statement);
    assert(amount > 0);
    assert(amount <= refund->money.card.amount.amount);
    param_uuid(params, arena, refund->id);
    param_int(params, arena, refund->money.card.amount.amount);
    param_int(params, arena, amount);
}

/* What was never captured has not gone back. */
static const struct statement closed_statement = {
    .name = "order_refund_sum_closed",
    .sql = "SELECT coalesce(sum(r.by_bank), 0)::bigint, coalesce(sum(r.card) FILTER (WHERE "
           "r.card_state IN ('requested', 'pending', 'succeeded') AND r.card_code <> "
           "'not_captured' AND r.id <> $2), 0)::bigint FROM \"order\".vendor_order o "
           "JOIN \"order\".order_refund r ON r.order_id = o.id WHERE o.group_id = $1",
};

enum status order_refund_store_sum_closed(struct request *request, struct uuid group_id,
                                          struct uuid but_id, int64_t *ret_by_bank,
                                          int64_t *ret_to_card)
{
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, request_arena(request), group_id);
    param_uuid(&params, request_arena(request), but_id);
    TRY(request_query(request, &closed_statement, &params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_by_bank = row_int(&row);
    *ret_to_card = row_int(&row);
    return STATUS_OK;
}

static const struct statement ask_again_statement = {
    .name = "order_refund_ask_again",
    .sql = "WITH r AS (UPDATE \"order\".order_refund SET card_state = 'requested', "
           "card_code = '', card_attempt = card_attempt + 1, look_at = $3 "
           "WHERE id = $1 AND card = $2 AND card_state = 'failed' RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM r",
};

void order_refund_store_ask_again(struct request *request, const struct order_refund_row *refund)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &ask_again_statement);
    param_uuid(params, arena, refund->id);
    param_int(params, arena, refund->money.card.amount.amount);
    param_int(params, arena, request_now_us(request));
}

static const struct statement elsewhere_statement = {
    .name = "order_refund_sum_elsewhere",
    .sql = "SELECT coalesce(sum(card_to_wallet + card_by_hand), 0)::bigint "
           "FROM \"order\".vendor_order WHERE group_id = $1 AND id <> $2",
};

enum status order_refund_store_sum_elsewhere(struct request *request, struct uuid group_id,
                                             struct uuid order_id, int64_t *ret_sum)
{
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, request_arena(request), group_id);
    param_uuid(&params, request_arena(request), order_id);
    TRY(request_query(request, &elsewhere_statement, &params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_sum = row_int(&row);
    return STATUS_OK;
}

/* ---- by the clock, and when something was heard ---- */

static const struct statement due_statement = {
    .name = "order_refunds_due",
    .sql = "SELECT order_id, id FROM \"order\".order_refund WHERE look_at <= $1 "
           "AND get_byte(uuid_send(order_id), 15) & 63 BETWEEN $2 AND $3 ORDER BY look_at LIMIT $4",
};

enum status order_refund_store_list_due(struct request *request, unsigned shard_first,
                                        unsigned shard_last, const struct due_object **ret_due,
                                        size_t *ret_count)
{
    return order_due_list(request, &due_statement, shard_first, shard_last, REFUNDS_DUE_MAX,
                          ret_due, ret_count);
}

/* What has failed is staff's. */
static const struct statement group_statement = {
    .name = "order_refunds_of_group",
    .sql = "SELECT r.order_id, r.id FROM \"order\".vendor_order o JOIN \"order\".order_refund r "
           "ON r.order_id = o.id WHERE o.group_id = $1 AND o.card_refunded > 0 AND r.card > 0 "
           "AND r.card_state <> 'failed' ORDER BY r.id DESC LIMIT $2",
};

enum status order_refund_store_list_of_group(struct request *request, struct uuid group_id,
                                             const struct due_object **ret_due, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, group_id);
    param_int(&params, arena, REFUNDS_DUE_MAX);
    TRY(request_query(request, &group_statement, &params, &rows));
    struct due_object *due = arena_allocate_array(arena, rows.count, sizeof *due);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        due[i].owner_id = row_uuid(&row);
        due[i].id = row_uuid(&row);
    }
    *ret_due = due;
    *ret_count = rows.count;
    return STATUS_OK;
}

/* ---- looked at ---- */

static const struct statement find_order_statement = {
    .name = "order_refund_find_order",
    .sql = "SELECT order_id FROM \"order\".order_refund WHERE id = $1",
};

enum status order_refund_store_find_order(struct request *request, struct uuid refund_id,
                                          struct uuid *ret_order_id)
{
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, request_arena(request), refund_id);
    TRY(request_query(request, &find_order_statement, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    *ret_order_id = row_uuid(&row);
    return STATUS_OK;
}

static const struct statement list_statement = {
    .name = "order_refund_list",
    .sql = "SELECT r.id, r.order_id, o.number, o.vendor_id, o.vendor_name, h.at, h.trigger, "
           "o.currency, " ORDER_REFUND_MONEY(
               "r") "FROM \"order\".order_refund r "
                    "JOIN \"order\".vendor_order o ON o.id = r.order_id "
                    "JOIN \"order\".order_history h ON h.order_id = r.order_id AND h.sequence = "
                    "r.sequence "
                    "WHERE r.id < $1 AND ($2::uuid IS NULL OR r.order_id = $2) "
                    "AND ($3 = '' OR r.card_state = $3) AND CASE $4 WHEN '' THEN true "
                    "WHEN 'card' THEN r.card > 0 WHEN 'manual' THEN r.manual > 0 "
                    "ELSE r.total > r.set_off + r.waived + r.manual + r.card + r.by_bank END "
                    "AND h.at >= $5 AND h.at < $6 ORDER BY r.id DESC LIMIT $7",
};

static enum status read_listed(struct row *row, struct arena *arena,
                               struct order_listed_refund *ret_refund)
{
    struct order_listed_refund refund = { .id = row_uuid(row) };
    struct order_refund_money money;
    refund.order_id = row_uuid(row);
    refund.number = row_text(row);
    refund.vendor.id = row_uuid(row);
    refund.vendor.name = row_text(row);
    refund.at_us = row_int(row);
    refund.trigger = row_text(row);
    TRY(order_refund_money_read(row, text_string(arena, row_text(row)), &money));
    ORDER_REFUND_MONEY_SHOW_ALL(&refund, &money);
    *ret_refund = refund;
    return STATUS_OK;
}

static const struct statement count_statement = {
    .name = "order_refund_count",
    .sql = "SELECT count(*) FROM \"order\".order_refund WHERE order_id = $1 AND is_kept",
};

enum status order_refund_store_count(struct request *request, struct uuid order_id,
                                     int64_t *ret_count)
{
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, request_arena(request), order_id);
    TRY(request_query(request, &count_statement, &params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_count = row_int(&row);
    return STATUS_OK;
}

enum status order_refund_store_list(struct request *request,
                                    const struct order_refund_filter *filter, struct uuid before,
                                    int64_t limit, struct order_listed_refund **ret_refunds,
                                    size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    assert(limit >= 1);
    param_uuid(&params, arena, before);
    param_uuid_or_null(&params, arena, filter->order_id);
    param_text(&params, arena,
               text_of(filter->has_state ? order_card_refund_state_names[filter->state] : ""));
    param_text(&params, arena,
               text_of(filter->has_place ? order_refund_place_names[filter->place] : ""));
    param_int(&params, arena, filter->from_us);
    param_int(&params, arena, filter->to_us);
    param_int(&params, arena, limit);
    TRY(request_query(request, &list_statement, &params, &rows));
    struct order_listed_refund *refunds = arena_allocate_array(arena, rows.count, sizeof *refunds);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        TRY(read_listed(&row, arena, &refunds[i]));
    }
    *ret_refunds = refunds;
    *ret_count = rows.count;
    return STATUS_OK;
}
