/* SQL of the promotions of a cart. */
#include "actors/order/promotion_store.h"

#include "actors/order/promotion_row.h"
#include "messages/email_form.h"
#include "runtime/secret.h"

static_assert(PRICE_CODES_MAX == 10, "the sum of promotion_store.h");
static_assert(PROMOTIONS_AUTOMATIC_MAX == 20, "the LIMITs below");
static_assert(PRICE_PROMOTIONS_MAX == 50, "the LIMIT below, less one");
static_assert(PRICE_GROUPS_MAX >= PRICE_PROMOTIONS_MAX, "a group for each promotion");

/* $1 vendors, $2 codes, $3 currency, $4 now, $5 customer or null, $6 checkout or null. */
#define IS_ACTIVE " p.status = 'active' AND coalesce(p.currency = $3, true)"
#define RUNS IS_ACTIVE " AND coalesce(p.ends_at > $4, true)"
#define MARKET "'00000000-0000-0000-0000-000000000000'"
#define AUTOMATIC_OF(owner)                                                                        \
    "(SELECT * FROM \"order\".promotion p WHERE p.owner_id = " owner                               \
    " AND p.code_key IS NULL AND" RUNS                                                             \
    " AND coalesce(p.vendor_id = ANY ($1), true) ORDER BY p.priority, p.id LIMIT 20)"

#define BY_CODE                                                                                    \
    "SELECT 0 AS class, 0::bigint AS turn, p.* FROM unnest($2::text[]) AS c (code)"                \
    " CROSS JOIN LATERAL (SELECT * FROM \"order\".promotion p WHERE p.code_key = c.code"           \
    " AND p.holds_code LIMIT 1) p WHERE" IS_ACTIVE
#define OF_MARKET "SELECT 1, 0, p.* FROM " AUTOMATIC_OF(MARKET) " p"
#define OF_VENDORS                                                                                 \
    "SELECT 2, row_number() OVER (PARTITION BY p.owner_id ORDER BY p.priority, p.id), p.*"         \
    " FROM unnest($1::uuid[]) AS v (id) CROSS JOIN LATERAL " AUTOMATIC_OF("v.id") " p"
#define IS_EXHAUSTED                                                                               \
    "coalesce(p.held + p.used - coalesce((SELECT (r.state IN ('held', 'used'))::int"               \
    " FROM \"order\".redemption r WHERE r.promotion_id = p.id AND r.group_id = $6), 0)"            \
    " >= p.limit_total, false)"
#define IS_EXHAUSTED_FOR_CUSTOMER                                                                  \
    "coalesce(CASE WHEN p.limit_per_customer IS NOT NULL THEN (SELECT count(*)"                    \
    " FROM \"order\".redemption r WHERE r.promotion_id = p.id"                                     \
    " AND r.customer = ANY (\"order\".customers_like($5))"                                         \
    " AND r.state IN ('held', 'used') AND coalesce(r.group_id <> $6, true)) END"                   \
    " >= p.limit_per_customer, false)"

/* Of the groups that it is for, one that the customer is in. */
#define GROUP_OF_CUSTOMER                                                                          \
    "(SELECT m.group_id FROM \"order\".customer_group_member m WHERE m.user_id = $5"               \
    " AND m.group_id = ANY (p.group_ids) ORDER BY m.group_id LIMIT 1)"

/* Each look-up is one range of one index, whatever sizes the planner expects: a subquery with a
 * LIMIT stays one, and none says more of a row than its index knows, since a condition that some
 * other partial index has, too, makes all of that one a way to find it. Limits are judged for the
 * rows that are left. */
static const struct statement cart_load = {
    .name = "order_promotions_of_cart",
    .sql = "SELECT " PROMOTION_COLUMNS ", " IS_EXHAUSTED ", " IS_EXHAUSTED_FOR_CUSTOMER
           ", " GROUP_OF_CUSTOMER " FROM (" BY_CODE " UNION ALL " OF_MARKET " UNION ALL " OF_VENDORS
           ") p"
           " ORDER BY p.class, p.turn, p.priority, p.id LIMIT 51",
};

/* Normal forms, each once; what is no code finds nothing. */
static size_t normalise_codes(struct arena *arena, const struct promotion_cart *cart,
                              struct text *ret_codes)
{
    size_t count = 0;
    for (size_t i = 0; i < cart->codes_count; i++) {
        char *code = arena_allocate(arena, PROMOTION_CODE_MAX);
        struct text text = { .data = code };
        if (!promotion_code_normalise(cart->codes[i], code, &text.length)) continue;
        bool is_known = false;
        for (size_t k = 0; k < count; k++)
            is_known = is_known || text_equals(ret_codes[k], text);
        if (!is_known) ret_codes[count++] = text;
    }
    return count;
}

/* The customer's own group where it is for that, else the first of its groups. */
static struct uuid read_group(struct row *row, const struct promotion *promotion,
                              struct uuid *groups, size_t *groups_count)
{
    if (row_skip_null(row))
        return promotion->group_ids_count > 0 ? promotion->group_ids[0] : (struct uuid){ 0 };
    const struct uuid group_id = row_uuid(row);
    groups[(*groups_count)++] = group_id;
    return group_id;
}

enum status promotion_store_load(struct request *request, const struct promotion_cart *cart,
                                 struct promotion_list *ret_list)
{
    assert(cart->codes_count <= PRICE_CODES_MAX);
    assert(cart->vendors_count <= PRICE_VENDORS_MAX);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct text codes[PRICE_CODES_MAX];
    struct rows rows;
    param_uuid_array(params, arena, cart->vendors, cart->vendors_count);
    param_text_array(params, arena, codes, normalise_codes(arena, cart, codes));
    param_text(params, arena, text_of(cart->currency));
    param_int(params, arena, cart->now_us);
    param_uuid_or_null(params, arena, cart->customer);
    param_uuid_or_null(params, arena, cart->group_id);
    TRY(request_query(request, &cart_load, params, &rows));
    const bool has_more = rows.count > PRICE_PROMOTIONS_MAX;
    const size_t count = has_more ? PRICE_PROMOTIONS_MAX : rows.count;
    struct price_promotion *promotions = arena_allocate_array(arena, count, sizeof *promotions);
    struct text *names = arena_allocate_array(arena, count, sizeof *names);
    bool *have_limits = arena_allocate_array(arena, count, sizeof *have_limits);
    struct uuid *groups = arena_allocate_array(arena, count, sizeof *groups);
    size_t groups_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct promotion promotion;
        struct row row = rows_at(&rows, i);
        TRY(promotion_row_read(&row, arena, &promotion));
        promotions[i] = promotion.price;
        names[i] = promotion.name;
        have_limits[i] = promotion.has_limit_total || promotion.has_limit_per_customer;
        promotions[i].is_exhausted = row_bool(&row);
        promotions[i].is_exhausted_for_customer = row_bool(&row);
        promotions[i].group_id = read_group(&row, &promotion, groups, &groups_count);
    }
    *ret_list = (struct promotion_list){ .promotions = promotions,
                                         .names = names,
                                         .have_limits = have_limits,
                                         .count = count,
                                         .groups = groups,
                                         .groups_count = groups_count,
                                         .has_more = has_more };
    return STATUS_OK;
}

struct uuid promotion_customer_of_guest(struct request *request, struct text email)
{
    struct email normal;
    struct uuid customer;
    uint8_t key[SECRET_KEY_BYTES];
    const bool is_address = email_normalise(email, &normal) == STATUS_OK;
    request_derive_key(request, "souk guest customer", key);
    secret_digest_keyed(key, is_address ? email_text(&normal) : email, customer.bytes,
                        sizeof customer.bytes);
    secret_wipe(key, sizeof key);
    return customer;
}
