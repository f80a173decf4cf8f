/* SQL about one shopper: what is open, what is held, what is forgotten. */
#include "actors/order/order_shopper_store.h"

/* Those that have not ended, or have a return that was opened again, and those of which somebody
 * still owes the other money. */
static const struct statement open_orders_statement = {
    .name = "order_shopper_open_orders",
    .sql = "SELECT number FROM \"order\".vendor_order o WHERE user_id = $1"
           " AND (ended_at IS NULL OR returns_open > 0"
           " OR (offline_method = 'invoice' AND on_delivery > waived + collected)"
           " OR EXISTS (SELECT 1 FROM \"order\".late_payment l"
           " WHERE l.group_id = o.group_id AND l.settled_at IS NULL)"
           " OR (handed_back + card_refunded > 0 AND EXISTS (SELECT 1"
           " FROM \"order\".order_refund r WHERE r.order_id = o.id"
           " AND ((r.manual > 0 AND r.settled_at IS NULL)"
           " OR r.card_state IN ('requested', 'pending', 'failed') OR EXISTS (SELECT 1"
           " FROM \"order\".refund_credit c WHERE c.refund_id = r.id"
           " AND c.credited_at IS NULL)))))"
           " ORDER BY id DESC LIMIT $2",
};
static const struct statement pending_groups_statement = {
    .name = "order_shopper_pending_groups",
    .sql = "SELECT EXISTS (SELECT 1 FROM \"order\".order_group WHERE user_id = $1"
           " AND status = 'pending')",
};

enum status order_shopper_find_open(struct request *request, struct uuid user_id,
                                    const struct text **ret_numbers, size_t *ret_count,
                                    bool *ret_is_checking_out)
{
    struct arena *arena = request_arena(request);
    struct store_params of_groups = { 0 }, of_orders = { 0 };
    struct rows rows;
    param_uuid(&of_groups, arena, user_id);
    TRY(request_query(request, &pending_groups_statement, &of_groups, &rows));
    struct row first = rows_at(&rows, 0);
    const bool is_checking_out = row_bool(&first);
    param_uuid(&of_orders, arena, user_id);
    param_int(&of_orders, arena, ORDER_OPEN_LISTED_MAX);
    TRY(request_query(request, &open_orders_statement, &of_orders, &rows));
    assert(rows.count <= ORDER_OPEN_LISTED_MAX);
    struct text *numbers = arena_allocate_array(arena, rows.count, sizeof *numbers);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        numbers[i] = row_text(&row);
    }
    *ret_numbers = numbers;
    *ret_count = rows.count;
    *ret_is_checking_out = is_checking_out;
    return STATUS_OK;
}

static const struct statement delete_cart_statement = {
    .name = "order_shopper_delete_cart",
    .sql = "WITH c AS (DELETE FROM \"order\".cart WHERE user_id = $1 AND status = 'active'"
           " RETURNING id), d AS (DELETE FROM \"order\".draft d USING c WHERE d.cart_id = c.id)"
           " DELETE FROM \"order\".cart_line l USING c WHERE l.cart_id = c.id",
};

void order_shopper_delete_cart(struct request *request, struct uuid user_id)
{
    struct store_params *params = request_write(request, &delete_cart_statement);
    param_uuid(params, request_arena(request), user_id);
}

void order_shopper_hold(struct request *request, struct uuid user_id, int64_t until_us)
{
    static const struct statement hold = {
        .name = "order_shopper_hold",
        .sql = "INSERT INTO \"order\".leaving_shopper AS l (user_id, until) VALUES ($1, $2)"
               " ON CONFLICT (user_id) DO UPDATE SET until = greatest(l.until, excluded.until)",
    };
    struct store_params *params = request_write(request, &hold);
    param_uuid(params, request_arena(request), user_id);
    param_int(params, request_arena(request), until_us);
}

static const struct statement find_leaving_statement = {
    .name = "order_shopper_find_leaving",
    .sql = "SELECT EXISTS (SELECT 1 FROM \"order\".leaving_shopper"
           " WHERE user_id = $1 AND until > $2)",
};

enum status order_shopper_find_leaving(struct request *request, struct uuid user_id,
                                       bool *ret_is_leaving)
{
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, request_arena(request), user_id);
    param_int(&params, request_arena(request), request_now_us(request));
    TRY(request_query(request, &find_leaving_statement, &params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_is_leaving = row_bool(&row);
    return STATUS_OK;
}

void order_shopper_free(struct request *request, struct uuid user_id)
{
    static const struct statement free_one = {
        .name = "order_shopper_free",
        .sql = "DELETE FROM \"order\".leaving_shopper WHERE user_id = $1 AND until < $2",
    };
    struct store_params *params = request_write(request, &free_one);
    param_uuid(params, request_arena(request), user_id);
    param_int(params, request_arena(request), INT64_MAX);
}

static const struct statement forget_email_statement = {
    .name = "order_shopper_forget_email",
    .sql = "UPDATE \"order\".order_group SET guest_email = NULL WHERE user_id = $1"
           " AND guest_email IS NOT NULL",
};

void order_shopper_forget_email(struct request *request, struct uuid user_id)
{
    struct store_params *params = request_write(request, &forget_email_statement);
    param_uuid(params, request_arena(request), user_id);
}

/* ---- what was written ---- */

static const struct statement list_notes_statement = {
    .name = "order_shopper_list_notes",
    .sql = "SELECT h.order_id, h.sequence, h.at, h.note FROM \"order\".vendor_order o "
           "JOIN \"order\".order_history h ON h.order_id = o.id "
           "WHERE o.user_id = $1 AND h.note <> '' "
           "ORDER BY h.at DESC, h.order_id, h.sequence DESC LIMIT $2",
};

enum status order_shopper_list_notes(struct request *request, struct uuid user_id, size_t most,
                                     const struct order_order_note **ret_notes, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, user_id);
    param_int(&params, arena, (int64_t)most);
    TRY(request_query(request, &list_notes_statement, &params, &rows));
    struct order_order_note *notes = arena_allocate_array(arena, rows.count, sizeof *notes);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        notes[i].order_id = row_uuid(&row);
        notes[i].sequence = row_int(&row);
        notes[i].at_us = row_int(&row);
        notes[i].note = row_text(&row);
    }
    *ret_notes = notes;
    *ret_count = rows.count;
    return STATUS_OK;
}

/* Carriers and vendors write of whoever buys, too, so it is not asked whose words they are. */
#define FORGET_NOTES                                                                               \
    "UPDATE \"order\".order_history h SET note = '' FROM \"order\".vendor_order o "                \
    "WHERE h.order_id = o.id AND h.note <> '' AND "
#define FORGET_REASONS                                                                             \
    "UPDATE \"order\".order_return r SET reason = '' FROM \"order\".vendor_order o "               \
    "WHERE r.order_id = o.id AND r.reason <> '' AND "
#define FORGET_CLAIMS                                                                              \
    "UPDATE \"order\".order_claim c SET reason = '', answer = '', decision = '' "                  \
    "FROM \"order\".vendor_order o WHERE c.order_id = o.id "                                       \
    "AND c.reason || c.answer || c.decision <> '' AND "
#define FORGET_CLAIM_PICTURES                                                                      \
    "DELETE FROM \"order\".claim_picture p USING \"order\".order_claim c, "                        \
    "\"order\".vendor_order o WHERE p.claim_id = c.id AND c.order_id = o.id AND "
#define FORGET_LATE_PAYMENTS                                                                       \
    "UPDATE \"order\".late_payment l SET note = '' FROM \"order\".vendor_order o "                 \
    "WHERE l.group_id = o.group_id AND l.note <> '' AND "
#define FORGET_APPROVALS                                                                           \
    "SELECT host.forget_approvals(coalesce(array_agg(o.id), '{}')) FROM \"order\".vendor_order o " \
    "WHERE "
#define OF_SHOPPER "o.user_id = $1"
#define OF_FORGOTTEN_GUEST                                                                         \
    "o.group_id = $1 AND EXISTS (SELECT 1 FROM \"order\".order_group g WHERE g.id = o.group_id "   \
    "AND g.user_id IS NULL AND g.guest_email IS NULL)"

static const struct statement forget_notes_statement = {
    .name = "order_shopper_forget_notes",
    .sql = FORGET_NOTES OF_SHOPPER,
};
static const struct statement forget_reasons_statement = {
    .name = "order_shopper_forget_reasons",
    .sql = FORGET_REASONS OF_SHOPPER,
};
static const struct statement forget_claims_statement = {
    .name = "order_shopper_forget_claims",
    .sql = FORGET_CLAIMS OF_SHOPPER,
};
static const struct statement forget_claim_pictures_statement = {
    .name = "order_shopper_forget_claim_pictures",
    .sql = FORGET_CLAIM_PICTURES OF_SHOPPER,
};
static const struct statement forget_claim_pictures_of_guest_statement = {
    .name = "order_guest_forget_claim_pictures",
    .sql = FORGET_CLAIM_PICTURES OF_FORGOTTEN_GUEST,
};
static const struct statement forget_late_payments_statement = {
    .name = "order_shopper_forget_late_payments",
    .sql = FORGET_LATE_PAYMENTS OF_SHOPPER,
};
static const struct statement forget_late_payments_of_guest_statement = {
    .name = "order_guest_forget_late_payments",
    .sql = FORGET_LATE_PAYMENTS OF_FORGOTTEN_GUEST,
};
static const struct statement forget_approvals_statement = {
    .name = "order_shopper_forget_approvals",
    .sql = FORGET_APPROVALS OF_SHOPPER,
};
static const struct statement forget_approvals_of_guest_statement = {
    .name = "order_guest_forget_approvals",
    .sql = FORGET_APPROVALS OF_FORGOTTEN_GUEST,
};
static const struct statement forget_notes_of_guest_statement = {
    .name = "order_guest_forget_notes",
    .sql = FORGET_NOTES OF_FORGOTTEN_GUEST,
};
static const struct statement forget_reasons_of_guest_statement = {
    .name = "order_guest_forget_reasons",
    .sql = FORGET_REASONS OF_FORGOTTEN_GUEST,
};
static const struct statement forget_claims_of_guest_statement = {
    .name = "order_guest_forget_claims",
    .sql = FORGET_CLAIMS OF_FORGOTTEN_GUEST,
};

static void write_of(struct request *request, const struct statement *statement, struct uuid id)
{
    param_uuid(request_write(request, statement), request_arena(request), id);
}

void order_shopper_forget_words(struct request *request, struct uuid user_id)
{
    write_of(request, &forget_notes_statement, user_id);
    write_of(request, &forget_reasons_statement, user_id);
    write_of(request, &forget_claims_statement, user_id);
    write_of(request, &forget_claim_pictures_statement, user_id);
    write_of(request, &forget_late_payments_statement, user_id);
    write_of(request, &forget_approvals_statement, user_id);
}

void order_shopper_forget_words_of_guest(struct request *request, struct uuid group_id)
{
    write_of(request, &forget_notes_of_guest_statement, group_id);
    write_of(request, &forget_reasons_of_guest_statement, group_id);
    write_of(request, &forget_claims_of_guest_statement, group_id);
    write_of(request, &forget_claim_pictures_of_guest_statement, group_id);
    write_of(request, &forget_late_payments_of_guest_statement, group_id);
    write_of(request, &forget_approvals_of_guest_statement, group_id);
}
