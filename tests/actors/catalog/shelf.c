/* Builds the shelf of shelf.h. */
#include "tests/support/cmocka.h"

#include "tests/actors/catalog/shelf.h"

#include "actors/catalog/catalog_price_list.h"
#include "order_messages.h"
#include "vendor_messages.h"

extern const struct domain_definition catalog_domain;

struct shelf shelf_of_all;

static enum status answer(void *context, const struct message *message, const void *body,
                          void *ret_reply)
{
    (void)context;
    if (message == &vendor_find_shipping_profile_message) {
        const struct vendor_find_shipping_profile *query = body;
        return uuid_equals(query->vendor_id, shelf_of_all.vendor.id) &&
                       uuid_equals(query->profile_id, shelf_of_all.profile)
                   ? STATUS_OK
                   : STATUS_NOT_FOUND;
    }
    if (message == &order_find_customer_groups_message) {
        static struct uuid known[CATALOG_PRICE_LIST_GROUPS_MAX];
        const struct order_find_customer_groups *query = body;
        struct order_known_customer_groups *reply = ret_reply;
        reply->group_ids = known;
        for (size_t i = 0; i < query->group_ids_count; i++)
            if (!uuid_equals(query->group_ids[i], shelf_of_all.unknown_group))
                known[reply->group_ids_count++] = query->group_ids[i];
        return STATUS_OK;
    }
    if (message == &vendor_get_terms_message) {
        struct vendor_many_terms *reply = ret_reply;
        reply->terms = shelf_of_all.terms;
        reply->terms_count = shelf_of_all.terms_count;
        return shelf_of_all.terms_status;
    }
    assert_ptr_equal(message, &vendor_get_standing_message);
    struct vendor_standing *standing = ret_reply;
    standing->status = shelf_of_all.standing;
    return STATUS_OK;
}

static struct principal someone(enum principal_kind kind, unsigned shard)
{
    uint8_t random[10] = { (uint8_t)kind, (uint8_t)shard };
    return (struct principal){ .kind = kind,
                               .id = uuid_make(1767225600000000, random, shard),
                               .rights = UINT64_MAX };
}

static struct uuid make_category(const char *path)
{
    const struct catalog_import_category command = { .path = text_of(path) };
    struct catalog_category_imported reply;
    assert_int_equal(
        direct_call(shelf_of_all.market, NULL, &catalog_import_category_message, &command, &reply),
        STATUS_OK);
    return reply.category_id;
}

static void copy_vendor(struct uuid vendor, const char *name)
{
    const struct catalog_copy_vendor command = {
        .vendor_id = vendor, .version = 1, .name = text_of(name), .is_open = true
    };
    assert_int_equal(
        direct_call(shelf_of_all.market, NULL, &catalog_copy_vendor_message, &command, NULL),
        STATUS_OK);
}

int shelf_open(void **state)
{
    (void)state;
    shelf_of_all = (struct shelf){
        .market = direct_market_new(&catalog_domain),
        .arena = arena_new(65536),
        .vendor = someone(PRINCIPAL_VENDOR, 3),
        .stranger = someone(PRINCIPAL_VENDOR, 4),
        .staff = someone(PRINCIPAL_ADMIN, 5),
        .profile = { { 8 } },
        .standing = VENDOR_VENDOR_STATUS_APPROVED,
    };
    shelf_of_all.unknown_group = someone(PRINCIPAL_SHOPPER, 63).id;
    direct_set_peer(shelf_of_all.market, answer, NULL);
    copy_vendor(shelf_of_all.vendor.id, "Oak & Ash");
    copy_vendor(shelf_of_all.stranger.id, "Elm");
    shelf_of_all.category = make_category("Home > Chairs");
    shelf_of_all.other_category = make_category("Garden > Benches > Small");
    return 0;
}

int shelf_close(void **state)
{
    (void)state;
    const struct text violated =
        direct_sql(shelf_of_all.market, "SELECT concat_ws(' ', invariant, id) FROM"
                                        " catalog.check_stock() WHERE invariant <>"
                                        " 'held_is_not_sum_of_reservations'");
    assert_true(text_equals_string(violated, ""));
    direct_market_destroy(&shelf_of_all.market);
    arena_destroy(&shelf_of_all.arena);
    return 0;
}

struct catalog_create_product shelf_wish(const char *name)
{
    return (struct catalog_create_product){
        .name = text_of(name),
        .description = TEXT("Made by hand."),
        .category_id = shelf_of_all.category,
        .has_price = true,
        .price = { 500, "EUR" },
        .has_stock = true,
        .stock = 10,
    };
}

struct uuid shelf_make_category(const char *name, const struct uuid *parent)
{
    const struct catalog_create_category command = { .name = text_of(name),
                                                     .has_parent_id = parent != NULL,
                                                     .parent_id = parent == NULL
                                                                      ? (struct uuid){ { 0 } }
                                                                      : *parent };
    struct catalog_category category;
    assert_int_equal(direct_call(shelf_of_all.market, &shelf_of_all.staff,
                                 &catalog_create_category_message, &command, &category),
                     STATUS_OK);
    return category.id;
}

struct catalog_own_product shelf_make(const struct catalog_create_product *wish)
{
    struct catalog_own_product product;
    direct_advance(shelf_of_all.market, 1000000);
    assert_int_equal(direct_call(shelf_of_all.market, &shelf_of_all.vendor,
                                 &catalog_create_product_message, wish, &product),
                     STATUS_OK);
    return product;
}

struct uuid shelf_make_in(const char *name, struct uuid category)
{
    struct catalog_create_product wish = shelf_wish(name);
    wish.category_id = category;
    return shelf_make(&wish).id;
}

enum status shelf_look(struct uuid product, struct catalog_product *ret_product)
{
    const struct catalog_get_product query = { .product_id = product };
    return direct_call(shelf_of_all.market, NULL, &catalog_get_product_message, &query,
                       ret_product);
}

struct catalog_own_product shelf_inspect(struct uuid product)
{
    const struct catalog_inspect_product query = { .product_id = product };
    struct catalog_own_product reply;
    assert_int_equal(direct_call(shelf_of_all.market, &shelf_of_all.staff,
                                 &catalog_inspect_product_message, &query, &reply),
                     STATUS_OK);
    return reply;
}

struct text shelf_sql(const char *format, struct uuid id)
{
    char hex[2 * sizeof id.bytes + 1];
    for (size_t i = 0; i < sizeof id.bytes; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", id.bytes[i]);
    char sql[2000];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(sql, sizeof sql, format, hex);
#pragma GCC diagnostic pop
    return direct_sql(shelf_of_all.market, sql);
}

void shelf_assert_derived(struct uuid product)
{
    const struct text wrong = shelf_sql(
        "SELECT concat_ws(' ', p.status, p.is_listed, l.count, d.count, cardinality(c.ancestors))"
        " FROM catalog.product p JOIN catalog.category c ON c.id = p.category_id,"
        " LATERAL (SELECT count(*), count(*) FILTER (WHERE category_id = ANY (c.ancestors)"
        " AND price_amount IS NOT DISTINCT FROM CASE WHEN p.sale_amount IS NULL"
        " THEN p.price_amount END) AS good"
        " FROM catalog.listing WHERE product_id = p.id) l,"
        " LATERAL (SELECT count(*) FROM catalog.product_document WHERE product_id = p.id) d,"
        " LATERAL (SELECT bool_and(w.category_ids = c.ancestors) AS is_there FROM"
        " catalog.variant w WHERE w.product_id = p.id) w"
        " WHERE p.id = '%s' AND NOT (p.is_listed = (p.status = 2) AND l.count = l.good"
        " AND w.is_there"
        " AND l.count = CASE WHEN p.is_listed THEN cardinality(c.ancestors) ELSE 0 END"
        " AND d.count = p.is_listed::integer)",
        product);
    assert_true(text_equals_string(wrong, ""));
}
