/* The prices of a price list: many at once, each judged by itself. */
#include "actors/catalog/catalog_cursor.h"
#include "actors/catalog/catalog_price_list_door.h"
#include "catalog_handlers.h"

enum { PAGE_DEFAULT = 20 };

/* ---- seen ---- */

static enum status page(struct request *request, struct uuid list_id, int64_t limit, bool has_after,
                        struct text after, struct catalog_listed_prices *ret_reply)
{
    struct catalog_price_list_row list;
    struct catalog_listed_price *prices;
    struct uuid *ids, before = catalog_cursor_first();
    size_t count;
    if (has_after && catalog_cursor_decode(after, &before) != STATUS_OK)
        return request_refuse_cursor(request);
    TRY(catalog_price_list_show(request, list_id, &list));
    TRY(catalog_price_list_store_prices(request, &list, before, limit + 1, &prices, &ids, &count));
    ret_reply->data = prices;
    ret_reply->has_more = ret_reply->has_next = count > (size_t)limit;
    ret_reply->data_count = ret_reply->has_more ? (size_t)limit : count;
    if (ret_reply->has_more)
        ret_reply->next = catalog_cursor_encode(request_arena(request), ids[limit - 1]);
    return STATUS_OK;
}

enum status
catalog_handle_list_own_listed_prices(struct request *request,
                                      const struct catalog_list_own_listed_prices *query,
                                      struct catalog_listed_prices *ret_reply)
{
    return page(request, query->list_id, query->has_limit ? query->limit : PAGE_DEFAULT,
                query->has_after, query->after, ret_reply);
}

enum status catalog_handle_list_listed_prices(struct request *request,
                                              const struct catalog_list_listed_prices *query,
                                              struct catalog_listed_prices *ret_reply)
{
    return page(request, query->list_id, query->has_limit ? query->limit : PAGE_DEFAULT,
                query->has_after, query->after, ret_reply);
}

/* ---- set ---- */

/* What one message does. */
struct bulk {
    struct catalog_price_list_row list;
    const struct catalog_price_wish *wishes;
    size_t wishes_count;
    const struct catalog_listed_variant *variants;
    size_t variants_count;
    struct catalog_price_wish *put, *dropped;
    size_t put_count, dropped_count;
    struct catalog_price_outcome *outcomes;
};

static const struct catalog_listed_variant *find_variant(const struct bulk *bulk,
                                                         struct uuid variant_id)
{
    for (size_t i = 0; i < bulk->variants_count; i++)
        if (uuid_equals(bulk->variants[i].id, variant_id)) return &bulk->variants[i];
    return NULL;
}

static void refuse(struct request *request, size_t index, enum status status, const char *field,
                   const char *fault, struct catalog_price_outcome *outcome)
{
    outcome->outcome = CATALOG_EDIT_OUTCOME_REFUSED;
    outcome->has_code = outcome->has_pointer = outcome->has_detail = true;
    outcome->code = text_of(status_name(status));
    outcome->pointer = text_format(request_arena(request), "/prices/%zu/%s", index, field);
    outcome->detail = text_of(fault);
}

/* A wish that is done takes its place in the list before the next is judged. */
static void set_one(struct request *request, struct bulk *bulk, size_t index)
{
    const struct catalog_price_wish *wish = &bulk->wishes[index];
    struct catalog_price_outcome *outcome = &bulk->outcomes[index];
    enum catalog_wish_effect effect = CATALOG_WISH_KEEPS;
    enum status status;
    const char *field;
    *outcome = (struct catalog_price_outcome){ .variant_id = wish->variant_id,
                                               .from_quantity = catalog_price_wish_quantity(wish) };
    const char *fault = catalog_price_wish_fault(
        &bulk->list, bulk->wishes, index, find_variant(bulk, wish->variant_id),
        bulk->list.prices < CATALOG_PRICE_LIST_PRICES_MAX, &status, &field, &effect);
    if (fault != NULL) {
        refuse(request, index, status, field, fault, outcome);
        return;
    }
    if (effect == CATALOG_WISH_ADDS || effect == CATALOG_WISH_CHANGES)
        bulk->put[bulk->put_count++] = *wish;
    if (effect == CATALOG_WISH_REMOVES) bulk->dropped[bulk->dropped_count++] = *wish;
    bulk->list.prices += effect == CATALOG_WISH_ADDS;
    bulk->list.prices -= effect == CATALOG_WISH_REMOVES;
}

static enum status look(struct request *request, struct bulk *bulk)
{
    struct uuid *ids =
        arena_allocate_array(request_arena(request), bulk->wishes_count, sizeof *ids);
    struct catalog_listed_variant *variants;
    for (size_t i = 0; i < bulk->wishes_count; i++)
        ids[i] = bulk->wishes[i].variant_id;
    TRY(catalog_price_list_store_look(request, &bulk->list, ids, bulk->wishes_count, &variants,
                                      &bulk->variants_count));
    bulk->variants = variants;
    return STATUS_OK;
}

static enum status set(struct request *request, struct uuid list_id, struct versions versions,
                       const struct catalog_price_wish *wishes, size_t count,
                       struct catalog_prices_set *ret_reply)
{
    struct arena *arena = request_arena(request);
    assert(count <= CATALOG_PRICE_LIST_WISHES_MAX);
    struct bulk *bulk = arena_allocate(arena, sizeof *bulk);
    bulk->wishes = wishes;
    bulk->wishes_count = count;
    bulk->put = arena_allocate_array(arena, count, sizeof *bulk->put);
    bulk->dropped = arena_allocate_array(arena, count, sizeof *bulk->dropped);
    bulk->outcomes = arena_allocate_array(arena, count, sizeof *bulk->outcomes);
    TRY(catalog_price_list_open(request, list_id, versions, &bulk->list));
    if (count == 0)
        return request_refuse(request, "/prices", STATUS_INVALID_VALUE, "Name a price at least.");
    TRY(look(request, bulk));
    for (size_t i = 0; i < count; i++) {
        set_one(request, bulk, i);
        ret_reply->refused += bulk->outcomes[i].outcome == CATALOG_EDIT_OUTCOME_REFUSED;
    }
    if (bulk->put_count + bulk->dropped_count > 0) {
        bulk->list.version++;
        bulk->list.updated_us = request_now_us(request);
        catalog_price_list_store_save(request, &bulk->list);
        catalog_price_list_store_drop_prices(request, list_id, bulk->dropped, bulk->dropped_count);
        catalog_price_list_store_put_prices(request, list_id, bulk->put, bulk->put_count);
        request_audit(request, "plt", list_id, (struct text){ 0 });
    }
    ret_reply->data = bulk->outcomes;
    ret_reply->data_count = count;
    ret_reply->ok = (int64_t)count - ret_reply->refused;
    ret_reply->prices = bulk->list.prices;
    ret_reply->version = bulk->list.version;
    return STATUS_OK;
}

enum status
catalog_handle_set_own_listed_prices(struct request *request,
                                     const struct catalog_set_own_listed_prices *command,
                                     struct catalog_prices_set *ret_reply)
{
    return set(request, command->list_id, VERSIONS_OF(command), command->prices,
               command->prices_count, ret_reply);
}

enum status catalog_handle_set_listed_prices(struct request *request,
                                             const struct catalog_set_listed_prices *command,
                                             struct catalog_prices_set *ret_reply)
{
    return set(request, command->list_id, VERSIONS_OF(command), command->prices,
               command->prices_count, ret_reply);
}
