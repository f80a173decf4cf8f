/* How many units a vendor says there are, or staff for it, and why there are as many. The variant's
 * own actor sets them, in turn with what is reserved and sold. */
#include "actors/catalog/catalog_edit.h"
#include "actors/catalog/catalog_edit_store.h"
#include "actors/catalog/catalog_locations.h"
#include "actors/catalog/catalog_news.h"
#include "actors/catalog/catalog_stock_movement_store.h"
#include "actors/catalog/catalog_store.h"
#include "catalog_handlers.h"

static enum status refuse_below_held(struct request *request, const struct catalog_stock *stock,
                                     int64_t on_hand)
{
    const struct request_fault fault = {
        .pointer = "/on_hand",
        .code = STATUS_INSUFFICIENT_STOCK,
        .detail =
            text_format(request_arena(request), "%lld units are reserved; there cannot be fewer.",
                        (long long)(stock->held - stock->ahead.limit)),
        .has_amounts = true,
        .requested = on_hand,
        .available = stock->held - stock->ahead.limit,
    };
    request_add_fault(request, &fault);
    return STATUS_INSUFFICIENT_STOCK;
}

/* Another vendor's variant is NOT_FOUND. */
static enum status check_is_own(struct request *request, struct uuid variant_id)
{
    struct uuid vendor_id;
    TRY(catalog_edit_store_find_seller(request, variant_id, &vendor_id));
    return uuid_equals(vendor_id, request_principal(request)->id) ? STATUS_OK : STATUS_NOT_FOUND;
}

static struct catalog_stock_level describe(const struct catalog_stock *stock)
{
    const struct catalog_ahead *ahead = &stock->ahead;
    return (struct catalog_stock_level){
        .variant_id = stock->variant_id,
        .on_hand = catalog_stock_on_hand(stock),
        .reserved = stock->held,
        .available = catalog_stock_available(stock),
        .version = stock->version,
        .has_owed = true,
        .owed = catalog_stock_owed(stock),
        .has_policy = true,
        .policy = ahead->policy,
        .has_limit = ahead->limit > 0,
        .limit = ahead->limit,
        .has_available_on = ahead->available_on_us > 0,
        .available_on_us = ahead->available_on_us,
    };
}

/* A count, whoever has made it. */
static enum status count_stock(struct request *request, const struct catalog_set_stock *command,
                               struct catalog_stock_level *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct catalog_stock *stock = arena_allocate(arena, sizeof *stock);
    TRY(catalog_store_load_level(request, command->variant_id, stock));
    if (stock->is_bundle) return STATUS_VARIANT_IS_BUNDLE;
    if (!versions_have(VERSIONS_OF(command), stock->version)) return STATUS_PRECONDITION_FAILED;
    request_audit(request, "var", command->variant_id,
                  text_format(arena, "{\"on_hand\":%lld}", (long long)stock->on_hand));
    const int64_t before = stock->on_hand;
    const struct catalog_news_before was = catalog_news_before(stock);
    bool is_changed;
    if (catalog_stock_set(stock, command->on_hand, &is_changed) != STATUS_OK)
        return refuse_below_held(request, stock, command->on_hand);
    if (is_changed)
        catalog_store_save_level(request, stock, CATALOG_MOVEMENT_KIND_SET,
                                 stock->on_hand - before);
    *ret_reply = describe(stock);
    return catalog_news_of_stock(request, was, stock);
}

enum status catalog_handle_set_stock(struct request *request,
                                     const struct catalog_set_stock *command,
                                     struct catalog_stock_level *ret_reply)
{
    TRY(check_is_own(request, command->variant_id));
    return count_stock(request, command, ret_reply);
}

enum status catalog_handle_get_stock(struct request *request, const struct catalog_get_stock *query,
                                     struct catalog_stock_level *ret_reply)
{
    struct catalog_stock *stock = arena_allocate(request_arena(request), sizeof *stock);
    TRY(check_is_own(request, query->variant_id));
    TRY(catalog_store_load_level(request, query->variant_id, stock));
    *ret_reply = describe(stock);
    return STATUS_OK;
}

static enum status receive_at(struct request *request, const struct catalog_receive_stock *command,
                              struct catalog_stock *stock)
{
    struct catalog_located *located;
    TRY(catalog_locations_open(request, command->variant_id, stock, &located));
    const size_t place = catalog_places_find(&located->places, command->location_id);
    if (place == located->places.count) return STATUS_NOT_FOUND;
    if (!located->places.places[place].is_active)
        return catalog_locations_refuse_resting(request, "/location_id");
    catalog_stock_receive(stock, command->quantity);
    catalog_locations_save(request, stock, located, place, CATALOG_MOVEMENT_KIND_RECEIPT,
                           command->quantity);
    return STATUS_OK;
}

/* What has come in, whoever has seen it. */
static enum status book_receipt(struct request *request,
                                const struct catalog_receive_stock *command,
                                struct catalog_stock_level *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct catalog_stock *stock = arena_allocate(arena, sizeof *stock);
    TRY(catalog_store_load_level(request, command->variant_id, stock));
    if (stock->is_bundle) return STATUS_VARIANT_IS_BUNDLE;
    if (command->quantity > CATALOG_ON_HAND_MAX - stock->on_hand)
        return request_refuse(request, "/quantity", STATUS_OUT_OF_RANGE,
                              "There would be more than 1,000,000,000 units.");
    request_audit(request, "var", command->variant_id,
                  text_format(arena, "{\"on_hand\":%lld}", (long long)stock->on_hand));
    const struct catalog_news_before was = catalog_news_before(stock);
    if (command->has_location_id) {
        TRY(receive_at(request, command, stock));
    } else {
        catalog_stock_receive(stock, command->quantity);
        catalog_store_save_level(request, stock, CATALOG_MOVEMENT_KIND_RECEIPT, command->quantity);
    }
    *ret_reply = describe(stock);
    return catalog_news_of_stock(request, was, stock);
}

enum status catalog_handle_receive_stock(struct request *request,
                                         const struct catalog_receive_stock *command,
                                         struct catalog_stock_level *ret_reply)
{
    TRY(check_is_own(request, command->variant_id));
    return book_receipt(request, command, ret_reply);
}

/* ---- selling ahead ---- */

enum status catalog_handle_set_stock_policy(struct request *request,
                                            const struct catalog_set_stock_policy *command,
                                            struct catalog_stock_level *ret_reply)
{
    struct arena *arena = request_arena(request);
    const struct catalog_ahead ahead = {
        .policy = command->policy,
        .limit = command->has_limit ? command->limit : 0,
        .available_on_us = command->has_available_on ? command->available_on_us : 0,
    };
    const char *field;
    TRY(check_is_own(request, command->variant_id));
    if (catalog_ahead_check(&ahead, request_now_us(request), &field) != STATUS_OK)
        return request_refuse(request, text_format(arena, "/%s", field).data, STATUS_INVALID_VALUE,
                              "backorder and preorder have a limit, and preorder has a day in the "
                              "future, within two years; deny has neither.");
    struct catalog_stock *stock = arena_allocate(arena, sizeof *stock);
    TRY(catalog_store_load_level(request, command->variant_id, stock));
    if (stock->is_bundle) return STATUS_VARIANT_IS_BUNDLE;
    if (!versions_have(VERSIONS_OF(command), stock->version)) return STATUS_PRECONDITION_FAILED;
    request_audit(request, "var", command->variant_id,
                  text_format(arena, "{\"policy\":\"%s\",\"limit\":%lld}",
                              catalog_stock_policy_names[stock->ahead.policy],
                              (long long)stock->ahead.limit));
    const struct catalog_news_before was = catalog_news_before(stock);
    catalog_stock_sell_ahead(stock, ahead);
    catalog_store_save_ahead(request, stock);
    *ret_reply = describe(stock);
    TRY(catalog_news_of_part(request, was, stock));
    /* Numbers may be the same, and yet it is bought in another way. */
    return catalog_news_of_product(request, stock->product_id, true);
}

/* ---- movements ---- */

enum { LIST_LIMIT_DEFAULT = 20 };

static enum status list_movements(struct request *request,
                                  const struct catalog_list_stock_movements *query,
                                  struct catalog_stock_movements *ret_reply)
{
    struct arena *arena = request_arena(request);
    const int64_t limit = query->has_limit ? query->limit : LIST_LIMIT_DEFAULT;
    int64_t before = INT64_MAX;
    struct catalog_stock_movement *movements;
    size_t count;
    if (query->has_after && catalog_movement_cursor_read(arena, query->after, &before) != STATUS_OK)
        return request_refuse_cursor(request);
    TRY(catalog_movement_list(request, query->variant_id, before, limit + 1, &movements, &count));
    const bool has_more = count > (size_t)limit;
    *ret_reply = (struct catalog_stock_movements){
        .data = movements,
        .data_count = has_more ? (size_t)limit : count,
        .has_more = has_more,
        .has_next = has_more,
    };
    if (has_more) ret_reply->next = catalog_movement_cursor(arena, movements[limit - 1].version);
    return STATUS_OK;
}

enum status catalog_handle_list_stock_movements(struct request *request,
                                                const struct catalog_list_stock_movements *query,
                                                struct catalog_stock_movements *ret_reply)
{
    TRY(check_is_own(request, query->variant_id));
    return list_movements(request, query, ret_reply);
}

/* ---- staff, for any vendor; the trail says who and why ---- */

static enum status check_is_there(struct request *request, struct uuid variant_id)
{
    struct uuid vendor_id;
    return catalog_edit_store_find_seller(request, variant_id, &vendor_id);
}

enum status catalog_handle_inspect_stock(struct request *request,
                                         const struct catalog_inspect_stock *query,
                                         struct catalog_stock_level *ret_reply)
{
    struct catalog_stock *stock = arena_allocate(request_arena(request), sizeof *stock);
    TRY(check_is_there(request, query->variant_id));
    TRY(catalog_store_load_level(request, query->variant_id, stock));
    *ret_reply = describe(stock);
    return STATUS_OK;
}

enum status
catalog_handle_inspect_stock_movements(struct request *request,
                                       const struct catalog_inspect_stock_movements *query,
                                       struct catalog_stock_movements *ret_reply)
{
    const struct catalog_list_stock_movements list = { .variant_id = query->variant_id,
                                                       .has_limit = query->has_limit,
                                                       .limit = query->limit,
                                                       .has_after = query->has_after,
                                                       .after = query->after };
    TRY(check_is_there(request, query->variant_id));
    return list_movements(request, &list, ret_reply);
}

enum status catalog_handle_book_stock_receipt(struct request *request,
                                              const struct catalog_book_stock_receipt *command,
                                              struct catalog_stock_level *ret_reply)
{
    const struct catalog_receive_stock receive = { .variant_id = command->variant_id,
                                                   .quantity = command->quantity,
                                                   .has_location_id = command->has_location_id,
                                                   .location_id = command->location_id };
    TRY(catalog_edit_check_reason(request, command->reason));
    TRY(check_is_there(request, command->variant_id));
    return book_receipt(request, &receive, ret_reply);
}

enum status catalog_handle_correct_stock(struct request *request,
                                         const struct catalog_correct_stock *command,
                                         struct catalog_stock_level *ret_reply)
{
    const struct catalog_set_stock count = { .variant_id = command->variant_id,
                                             .on_hand = command->on_hand,
                                             .versions = command->versions,
                                             .versions_count = command->versions_count };
    TRY(catalog_edit_check_reason(request, command->reason));
    TRY(check_is_there(request, command->variant_id));
    return count_stock(request, &count, ret_reply);
}
