/* SQL of orders that staff prepares. */
#include "actors/order/draft_store.h"

#include "actors/order/cart_store.h"
#include "actors/order/order_guest_store.h"
#include "messages/locale.h"

/* ---- made ---- */

static const struct statement create_statement = {
    .name = "order_draft_create",
    .sql = "WITH c AS (INSERT INTO \"order\".cart "
           "(id, user_id, shard, status, draft, currency, version, created_at, updated_at) "
           "VALUES ($1, $2, $3, 'active', 'open', $4, 1, $5, $5)), "
           "d AS (INSERT INTO \"order\".draft (cart_id, user_id, guest_email, guest_name, "
           "guest_locale, note, made_by, made_at) VALUES ($1, $2, $6, $7, $8, $9, $10, $5)) "
           "SELECT CASE WHEN EXISTS (SELECT 1 FROM \"order\".leaving_shopper l "
           "WHERE l.user_id = $2 AND l.until > $5) THEN \"order\".refuse_leaving_shopper() "
           "ELSE 1 END",
    .on_duplicate = STATUS_CONFLICT,
    .on_check = STATUS_ACCOUNT_CLOSING,
};

void draft_store_create(struct request *request, const struct order_open_draft *draft)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &create_statement);
    param_uuid(params, arena, draft->cart_id);
    param_uuid_or_null(params, arena, draft->user_id);
    param_small(params, arena, (int16_t)uuid_shard(draft->cart_id));
    param_text(params, arena, draft->currency);
    param_int(params, arena, request_now_us(request));
    param_optional_text(params, arena, draft->has_email, draft->email);
    param_optional_text(params, arena, draft->has_name, draft->name);
    param_optional_text(params, arena, draft->has_locale, draft->locale);
    param_text(params, arena, draft->note);
    param_uuid(params, arena, draft->made_by);
}

static const struct statement count_statement = {
    .name = "order_draft_count",
    .sql = "SELECT count(*) FROM \"order\".draft d JOIN \"order\".cart c ON c.id = d.cart_id "
           "WHERE d.made_by = $1 AND c.status <> 'ordered'",
};

enum status draft_store_count(struct request *request, struct uuid staff_id, int64_t *ret_count)
{
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, request_arena(request), staff_id);
    TRY(request_query(request, &count_statement, &params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_count = row_int(&row);
    return STATUS_OK;
}

/* ---- read ---- */

#define DRAFT_SELECT                                                                               \
    "SELECT d.cart_id, c.draft, c.status, c.currency, (SELECT count(*) FROM \"order\".cart_line "  \
    "l WHERE l.cart_id = d.cart_id), d.user_id, d.guest_email, d.guest_name, nullif(d.note, ''), " \
    "d.made_by, d.placed_by, CASE c.status WHEN 'ordered' THEN c.group_id END, d.made_at, "        \
    "c.updated_at, d.sent_at FROM \"order\".draft d JOIN \"order\".cart c ON c.id = d.cart_id "
#define IS_WAITING "c.status IN ('active', 'locked') "

static bool read_text(struct row *row, struct text *ret_text)
{
    if (row_skip_null(row)) return false;
    *ret_text = row_text(row);
    return true;
}

static bool read_id(struct row *row, struct uuid *ret_id)
{
    if (row_skip_null(row)) return false;
    *ret_id = row_uuid(row);
    return true;
}

static enum status read_draft(struct row *row, struct order_draft *ret_draft)
{
    enum order_cart_status status;
    struct order_draft draft = { .id = row_uuid(row) };
    const enum cart_draft kind = cart_store_read_draft(row);
    TRY(cart_store_read_status(row_text(row), &status));
    if (kind == CART_DRAFT_NONE) return STATUS_CORRUPT;
    draft.status = cart_draft_status(kind, status);
    draft.currency = row_text(row);
    draft.lines_count = row_int(row);
    draft.has_user_id = read_id(row, &draft.user_id);
    draft.has_email = read_text(row, &draft.email);
    draft.has_name = read_text(row, &draft.name);
    draft.has_note = read_text(row, &draft.note);
    draft.has_made_by = read_id(row, &draft.made_by);
    draft.has_placed_by = read_id(row, &draft.placed_by);
    draft.has_group_id = read_id(row, &draft.group_id);
    draft.made_at_us = row_int(row);
    draft.has_updated_at = true;
    draft.updated_at_us = row_int(row);
    draft.has_sent_at = !row_skip_null(row);
    if (draft.has_sent_at) draft.sent_at_us = row_int(row);
    *ret_draft = draft;
    return STATUS_OK;
}

static enum status query(struct request *request, const struct statement *statement,
                         const struct store_params *params, struct order_draft **ret_drafts,
                         size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct rows rows;
    TRY(request_query(request, statement, params, &rows));
    struct order_draft *drafts = arena_allocate_array(arena, rows.count, sizeof *drafts);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        TRY(read_draft(&row, &drafts[i]));
    }
    *ret_drafts = drafts;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement find_statement = { .name = "order_draft_find",
                                                 .sql = DRAFT_SELECT "WHERE d.cart_id = $1" };

enum status draft_store_find(struct request *request, struct uuid cart_id,
                             struct order_draft *ret_draft)
{
    struct store_params params = { 0 };
    struct order_draft *drafts;
    size_t count;
    param_uuid(&params, request_arena(request), cart_id);
    TRY(query(request, &find_statement, &params, &drafts, &count));
    if (count == 0) return STATUS_NOT_FOUND;
    *ret_draft = drafts[0];
    return STATUS_OK;
}

void draft_hide(struct order_draft *draft)
{
    draft->has_email = draft->has_name = draft->has_note = false;
    draft->has_made_by = draft->has_placed_by = false;
}

static const struct statement list_statement = {
    .name = "order_draft_list",
    .sql = DRAFT_SELECT "WHERE d.cart_id < $1 AND ($2::uuid IS NULL OR d.user_id = $2) "
                        "AND ($3::uuid IS NULL OR d.made_by = $3) "
                        "AND ($4 = '' OR $4 = CASE c.status WHEN 'ordered' THEN 'placed' "
                        "ELSE c.draft END) "
                        "AND ($5::bigint IS NULL OR d.made_at >= $5) "
                        "AND ($6::bigint IS NULL OR d.made_at < $6) "
                        "ORDER BY d.cart_id DESC LIMIT $7",
};

enum status draft_store_list(struct request *request, const struct draft_filter *filter,
                             struct uuid before, int64_t limit, struct order_draft **ret_drafts,
                             size_t *ret_count)
{
    assert(limit >= 1);
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    param_uuid(&params, arena, before);
    param_uuid_or_null(&params, arena, filter->user_id);
    param_uuid_or_null(&params, arena, filter->made_by);
    param_text(&params, arena, filter->status);
    param_optional_int(&params, arena, filter->has_made_from, filter->made_from_us);
    param_optional_int(&params, arena, filter->has_made_to, filter->made_to_us);
    param_int(&params, arena, limit);
    return query(request, &list_statement, &params, ret_drafts, ret_count);
}

static const struct statement list_sent_statement = {
    .name = "order_draft_list_sent",
    .sql = DRAFT_SELECT "WHERE d.user_id = $1 AND c.draft = 'sent' AND " IS_WAITING
                        "ORDER BY d.cart_id DESC LIMIT $2",
};
static const struct statement list_of_statement = {
    .name = "order_draft_list_of",
    .sql = DRAFT_SELECT "WHERE d.user_id = $1 AND " IS_WAITING "ORDER BY d.cart_id DESC LIMIT $2",
};

static enum status list_of(struct request *request, const struct statement *statement,
                           struct uuid user_id, struct order_draft **ret_drafts, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    param_uuid(&params, arena, user_id);
    param_int(&params, arena, DRAFTS_LISTED_MAX);
    return query(request, statement, &params, ret_drafts, ret_count);
}

enum status draft_store_list_sent(struct request *request, struct uuid user_id,
                                  struct order_draft **ret_drafts, size_t *ret_count)
{
    return list_of(request, &list_sent_statement, user_id, ret_drafts, ret_count);
}

enum status draft_store_list_of(struct request *request, struct uuid user_id,
                                struct order_draft **ret_drafts, size_t *ret_count)
{
    return list_of(request, &list_of_statement, user_id, ret_drafts, ret_count);
}

/* ---- where its guest is reached ---- */

static const struct statement find_contact_statement = {
    .name = "order_draft_find_contact",
    .sql = "SELECT CASE WHEN d.sent_at IS NULL THEN '' ELSE coalesce(d.guest_email, '') END, "
           "coalesce(d.guest_locale, ''), (SELECT count(*) FROM \"order\".draft o "
           "WHERE o.guest_email = d.guest_email AND o.cart_id <> d.cart_id "
           "AND o.sent_at <= d.sent_at AND o.sent_at > d.sent_at - 3600000000) >= $2 "
           "FROM \"order\".draft d WHERE d.cart_id = $1",
};

enum status draft_store_find_contact(struct request *request, struct uuid cart_id,
                                     struct order_guest_contact *ret_guest, bool *ret_are_many)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, cart_id);
    param_int(&params, arena, ORDER_GUEST_MAILS_MAX);
    TRY(request_query(request, &find_contact_statement, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    ret_guest->email = row_text(&row);
    ret_guest->locale = row_text(&row);
    if (ret_guest->locale.length == 0) ret_guest->locale = locale_default();
    *ret_are_many = !row_skip_null(&row) && row_bool(&row);
    return STATUS_OK;
}

static const struct statement find_guest_statement = {
    .name = "order_draft_find_guest",
    .sql = "SELECT coalesce(d.guest_email, ''), coalesce(d.guest_locale, '') "
           "FROM \"order\".draft d WHERE d.cart_id = $1",
};

enum status draft_store_find_guest(struct request *request, struct uuid cart_id,
                                   struct order_guest_contact *ret_guest)
{
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, request_arena(request), cart_id);
    TRY(request_query(request, &find_guest_statement, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    ret_guest->email = row_text(&row);
    ret_guest->locale = row_text(&row);
    if (ret_guest->locale.length == 0) ret_guest->locale = locale_default();
    return STATUS_OK;
}

/* ---- changed ---- */

static const struct statement set_note_statement = {
    .name = "order_draft_set_note",
    .sql = CART_MOVE_VERSION "d AS (UPDATE \"order\".draft SET note = $4 WHERE cart_id = $1) "
                             "SELECT host.require_one(count(*)) FROM moved",
};

void draft_store_set_note(struct request *request, struct cart *cart, struct text note)
{
    struct store_params *params = cart_store_move_version(request, &set_note_statement, cart);
    param_text(params, request_arena(request), note);
}

static const struct statement send_statement = {
    .name = "order_draft_send",
    .sql = "WITH moved AS (UPDATE \"order\".cart SET version = version + 1, updated_at = $3, "
           "draft = 'sent' WHERE id = $1 AND version = $2 AND status = 'active' "
           "AND draft = 'open' RETURNING 1), "
           "d AS (UPDATE \"order\".draft SET sent_at = $3 WHERE cart_id = $1) "
           "SELECT host.require_one(count(*)) FROM moved",
};

void draft_store_send(struct request *request, struct cart *cart)
{
    assert(cart->draft == CART_DRAFT_OPEN);
    cart->draft = CART_DRAFT_SENT;
    (void)cart_store_move_version(request, &send_statement, cart);
}

static const struct statement discard_statement = {
    .name = "order_draft_discard",
    .sql = "WITH c AS (DELETE FROM \"order\".cart WHERE id = $1 AND version = $2 "
           "AND status = 'active' AND draft IS NOT NULL RETURNING id), "
           "d AS (DELETE FROM \"order\".draft d USING c WHERE d.cart_id = c.id), "
           "l AS (DELETE FROM \"order\".cart_line l USING c WHERE l.cart_id = c.id) "
           "SELECT host.require_one(count(*)) FROM c",
};

void draft_store_discard(struct request *request, const struct cart *cart)
{
    assert(cart_is_draft(cart));
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &discard_statement);
    param_uuid(params, arena, cart->id);
    param_int(params, arena, cart->version);
}

static const struct statement placed_statement = {
    .name = "order_draft_placed",
    .sql = "WITH d AS (UPDATE \"order\".draft SET placed_by = $2, guest_email = NULL, "
           "guest_name = NULL, guest_locale = NULL, note = '' WHERE cart_id = $1 RETURNING 1) "
           "SELECT host.require_one(count(*)) FROM d",
};

void draft_store_note_placed(struct request *request, struct uuid cart_id, struct uuid placed_by)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &placed_statement);
    param_uuid(params, arena, cart_id);
    param_uuid_or_null(params, arena, placed_by);
}
