/* SQL of guests' carts and groups: how they become a shopper's, and how they are forgotten. */
#include "actors/order/order_guest_store.h"
#include "messages/locale.h"

#define MAILS_WINDOW_US (INT64_C(3600) * 1000000)

enum { GROUPS_LOOKED_AT = 50 };

static const struct statement find_merge_statement = {
    .name = "order_guest_find_merge",
    .sql = "SELECT cart_id, user_id FROM \"order\".cart_merge WHERE guest_cart_id = $1",
};

enum status order_guest_find_merge(struct request *request, struct uuid guest_cart_id,
                                   struct stored_merge *ret_merge)
{
    struct store_params params = { 0 };
    param_uuid(&params, request_arena(request), guest_cart_id);
    struct rows rows;
    TRY(request_query(request, &find_merge_statement, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    ret_merge->cart_id = row_uuid(&row);
    ret_merge->user_id = row_uuid(&row);
    return STATUS_OK;
}

static const struct statement add_merge_statement = {
    .name = "order_guest_add_merge",
    .sql = "INSERT INTO \"order\".cart_merge (guest_cart_id, cart_id, user_id, merged_at) "
           "VALUES ($1, $2, $3, $4)",
    .on_duplicate = STATUS_CONFLICT,
};

void order_guest_add_merge(struct request *request, struct uuid guest_cart_id,
                           const struct stored_merge *merge)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add_merge_statement);
    param_uuid(params, arena, guest_cart_id);
    param_uuid(params, arena, merge->cart_id);
    param_uuid(params, arena, merge->user_id);
    param_int(params, arena, request_now_us(request));
}

static enum status list_ids(struct request *request, const struct statement *statement,
                            const struct store_params *params, const struct uuid **ret_ids,
                            size_t *ret_count)
{
    struct rows rows;
    TRY(request_query(request, statement, params, &rows));
    struct uuid *ids = arena_allocate_array(request_arena(request), rows.count, sizeof *ids);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ids[i] = row_uuid(&row);
    }
    *ret_ids = ids;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement list_idle_statement = {
    .name = "order_guest_list_idle",
    .sql = "SELECT id FROM \"order\".cart WHERE (user_id IS NULL OR draft IS NOT NULL) "
           "AND status IN ('active', 'merged') AND touched_hour <= $1 / 3600000000 "
           "AND updated_at < $1 AND shard BETWEEN $2 AND $3 ORDER BY touched_hour LIMIT $4",
};

static enum status list_due(struct request *request, const struct statement *statement,
                            unsigned shard_first, unsigned shard_last, int64_t before_us,
                            const struct uuid **ret_ids, size_t *ret_count)
{
    assert(shard_first <= shard_last);
    assert(shard_last < SHARD_COUNT);
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    param_int(&params, arena, before_us);
    param_small(&params, arena, (int16_t)shard_first);
    param_small(&params, arena, (int16_t)shard_last);
    param_int(&params, arena, ORDER_GUESTS_SWEPT);
    return list_ids(request, statement, &params, ret_ids, ret_count);
}

enum status order_guest_list_idle(struct request *request, unsigned shard_first,
                                  unsigned shard_last, int64_t before_us,
                                  const struct uuid **ret_ids, size_t *ret_count)
{
    return list_due(request, &list_idle_statement, shard_first, shard_last, before_us, ret_ids,
                    ret_count);
}

static const struct statement drop_cart_statement = {
    .name = "order_guest_drop_cart",
    .sql = "WITH c AS (DELETE FROM \"order\".cart WHERE id = $1 "
           "AND (user_id IS NULL OR draft IS NOT NULL) AND status IN ('active', 'merged') AND "
           "updated_at < $2 RETURNING id), "
           "m AS (DELETE FROM \"order\".cart_merge m USING c WHERE m.guest_cart_id = c.id), "
           "d AS (DELETE FROM \"order\".draft d USING c WHERE d.cart_id = c.id) "
           "DELETE FROM \"order\".cart_line l USING c WHERE l.cart_id = c.id",
};

void order_guest_drop_cart(struct request *request, struct uuid cart_id, int64_t before_us)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &drop_cart_statement);
    param_uuid(params, arena, cart_id);
    param_int(params, arena, before_us);
}

/* The shard of an id is in its last byte (uuid_shard()); groups do not say theirs. */
static const struct statement list_old_statement = {
    .name = "order_guest_list_old",
    .sql = "SELECT id FROM \"order\".order_group WHERE guest_email IS NOT NULL "
           "AND user_id IS NULL AND status <> 'pending' "
           "AND coalesce(guest_looked_at, created_at) < $1 "
           "AND get_byte(uuid_send(id), 15) & 63 BETWEEN $2 AND $3 "
           "ORDER BY coalesce(guest_looked_at, created_at) LIMIT $4",
};

enum status order_guest_list_old(struct request *request, unsigned shard_first, unsigned shard_last,
                                 int64_t before_us, const struct uuid **ret_ids, size_t *ret_count)
{
    return list_due(request, &list_old_statement, shard_first, shard_last, before_us, ret_ids,
                    ret_count);
}

static const struct statement forget_statement = {
    .name = "order_guest_forget",
    .sql = "UPDATE \"order\".order_group g SET guest_looked_at = $2, "
           "guest_email = CASE WHEN EXISTS (SELECT 1 FROM \"order\".vendor_order o "
           "WHERE o.group_id = g.id AND (o.ended_at IS NULL OR o.returns_open > 0)) "
           "THEN g.guest_email END "
           "WHERE g.id = $1 AND g.user_id IS NULL AND g.guest_email IS NOT NULL "
           "AND g.status <> 'pending' AND coalesce(g.guest_looked_at, g.created_at) < $3",
};

void order_guest_forget(struct request *request, struct uuid group_id, int64_t before_us)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &forget_statement);
    param_uuid(params, arena, group_id);
    param_int(params, arena, request_now_us(request));
    param_int(params, arena, before_us);
}

/* Ids grow with time, so the index finds the groups just before this one, and LIMIT ends the look,
 * however many there are under the address. */
static const struct statement find_contact_statement = {
    .name = "order_guest_find_contact",
    .sql = "SELECT coalesce(g.guest_email, ''), coalesce(g.guest_locale, ''), "
           "(SELECT count(*) FROM (SELECT o.status, o.created_at FROM \"order\".order_group o "
           "WHERE o.guest_email = g.guest_email AND o.user_id IS NULL AND o.id < g.id "
           "ORDER BY o.id DESC LIMIT $4) b "
           "WHERE b.status = 'placed' AND b.created_at > g.created_at - $3) >= $2 "
           "FROM \"order\".order_group g WHERE g.id = $1",
};

enum status order_guest_find_contact(struct request *request, struct uuid group_id,
                                     struct order_guest_contact *ret_guest, bool *ret_are_many)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    param_uuid(&params, arena, group_id);
    param_int(&params, arena, ORDER_GUEST_MAILS_MAX);
    param_int(&params, arena, MAILS_WINDOW_US);
    param_int(&params, arena, GROUPS_LOOKED_AT);
    struct rows rows;
    TRY(request_query(request, &find_contact_statement, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    ret_guest->email = row_text(&row);
    ret_guest->locale = row_text(&row);
    if (ret_guest->locale.length == 0) ret_guest->locale = locale_default();
    *ret_are_many = row_bool(&row);
    return STATUS_OK;
}

static const struct statement list_groups_statement = {
    .name = "order_guest_list_groups",
    .sql = "SELECT id FROM \"order\".order_group WHERE guest_email = $1 AND user_id IS NULL "
           "AND status = 'placed' AND placed_at <= $3 ORDER BY id LIMIT $2",
};

enum status order_guest_list_groups(struct request *request, struct text email, int64_t until_us,
                                    const struct uuid **ret_ids, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    param_text(&params, arena, email);
    param_int(&params, arena, ORDER_GROUPS_CLAIMED_MAX);
    param_int(&params, arena, until_us);
    return list_ids(request, &list_groups_statement, &params, ret_ids, ret_count);
}

/* An account that is being erased gets no orders: an open one would have blocked its erasure. */
static const struct statement claim_statement = {
    .name = "order_guest_claim",
    .sql = "WITH l AS (SELECT 1 FROM \"order\".leaving_shopper WHERE user_id = $2 AND until > $3), "
           "g AS (UPDATE \"order\".order_group SET user_id = $2, claimed_at = $3 "
           "WHERE id = ANY ($1) AND user_id IS NULL AND status = 'placed' "
           "AND NOT EXISTS (SELECT 1 FROM l) RETURNING id), "
           "o AS (UPDATE \"order\".vendor_order o SET user_id = $2 FROM g "
           "WHERE o.group_id = g.id) "
           "SELECT CASE WHEN NOT $4 THEN 0 "
           "WHEN EXISTS (SELECT 1 FROM l) THEN \"order\".refuse_leaving_shopper() "
           "ELSE host.require_count(count(*), cardinality($1)) END FROM g",
    .on_check = STATUS_ACCOUNT_CLOSING,
};

void order_guest_claim(struct request *request, const struct uuid *group_ids, size_t count,
                       struct uuid user_id, bool must_be_all)
{
    assert(count >= 1);
    assert(count <= ORDER_GROUPS_CLAIMED_MAX);
    assert(!uuid_is_zero(user_id));
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &claim_statement);
    param_uuid_array(params, arena, group_ids, count);
    param_uuid(params, arena, user_id);
    param_int(params, arena, request_now_us(request));
    param_bool(params, arena, must_be_all);
}

/* ---- which guest an account was ---- */

void order_guest_note_address(struct request *request, struct uuid user_id, struct uuid customer)
{
    static const struct statement note = {
        .name = "order_guest_note_address",
        .sql = "INSERT INTO \"order\".customer_address (user_id, customer) SELECT $1, $2"
               " WHERE (SELECT count(*) FROM \"order\".customer_address WHERE user_id = $1) < $3"
               " ON CONFLICT (user_id, customer) DO NOTHING",
    };
    assert(!uuid_is_zero(user_id));
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &note);
    param_uuid(params, arena, user_id);
    param_uuid(params, arena, customer);
    param_int(params, arena, ORDER_GUEST_ADDRESSES_MAX);
}

void order_guest_forget_addresses(struct request *request, struct uuid user_id)
{
    static const struct statement forget = {
        .name = "order_guest_forget_addresses",
        .sql = "DELETE FROM \"order\".customer_address WHERE user_id = $1",
    };
    struct store_params *params = request_write(request, &forget);
    param_uuid(params, request_arena(request), user_id);
}
