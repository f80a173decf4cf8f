/* What has happened to an order, and what is to be packed of it, for whoever may see it. */
#include "actors/order/order_history.h"
#include "actors/order/order_life_door.h"
#include "actors/order/order_store.h"
#include "catalog_messages.h"
#include "order_handlers.h"

enum { PAGE_DEFAULT = 20 };

struct wish {
    struct uuid order_id;
    struct text token; /* empty, or a guest's */
    int64_t after;
    int64_t limit;
};
#define WISH_OF(query, proof)                                                                      \
    (&(struct wish){ (query)->order_id, (proof), (query)->has_after ? (query)->after : 0,          \
                     (query)->has_limit ? (query)->limit : PAGE_DEFAULT })

/* Who exactly did it is for staff to know. */
static void hide_actors(struct order_order_event *events, size_t count)
{
    for (size_t i = 0; i < count; i++)
        events[i].has_actor_id = events[i].has_request_id = false;
}

static enum status list(struct request *request, const struct wish *wish,
                        struct order_order_event_page *ret_reply)
{
    struct order_life *life;
    struct order_order_event *events;
    size_t count;
    TRY(order_life_open(request, wish->order_id, wish->token, &life));
    TRY(order_history_list(request, wish->order_id, wish->after, wish->limit + 1, &events, &count));
    const bool has_more = count > (size_t)wish->limit;
    if (has_more) count = (size_t)wish->limit;
    if (request_principal(request)->kind != PRINCIPAL_ADMIN) hide_actors(events, count);
    *ret_reply = (struct order_order_event_page){
        .data = events, .data_count = count, .has_more = has_more, .has_next = has_more
    };
    if (has_more) ret_reply->next = events[count - 1].sequence;
    return STATUS_OK;
}

enum status order_handle_list_order_events(struct request *request,
                                           const struct order_list_order_events *query,
                                           struct order_order_event_page *ret_reply)
{
    return list(request, WISH_OF(query, query->has_token ? query->token : TEXT("")), ret_reply);
}

enum status
order_handle_list_vendor_order_events(struct request *request,
                                      const struct order_list_vendor_order_events *query,
                                      struct order_order_event_page *ret_reply)
{
    return list(request, WISH_OF(query, TEXT("")), ret_reply);
}

enum status order_handle_list_any_order_events(struct request *request,
                                               const struct order_list_any_order_events *query,
                                               struct order_order_event_page *ret_reply)
{
    return list(request, WISH_OF(query, TEXT("")), ret_reply);
}

/* ---- packing ---- */

static struct order_packing_line packing_line_of(const struct order_order_line *line)
{
    const int64_t wanted = line->quantity - line->cancelled;
    return (struct order_packing_line){ .line_id = line->id,
                                        .name = line->name,
                                        .options = line->options,
                                        .options_count = line->options_count,
                                        .has_sku = line->has_sku,
                                        .sku = line->sku,
                                        .quantity = wanted,
                                        .to_pack = wanted - line->packed,
                                        .has_backordered = line->has_backordered,
                                        .backordered = line->backordered,
                                        .has_available_on = line->has_available_on,
                                        .available_on_us = line->available_on_us,
                                        .parts = line->parts,
                                        .parts_count = line->parts_count };
}

/* Units are set aside under the id of the group; those of a replacement under its own. */
static enum status find_sources(struct request *request, const struct order_order *order,
                                struct order_packing_slip *slip)
{
    enum { VARIANTS_MAX = 100 };
    struct arena *arena = request_arena(request);
    struct uuid *ids = arena_allocate_array(arena, VARIANTS_MAX, sizeof *ids);
    size_t count = 0;
    for (size_t i = 0; i < order->lines_count; i++) {
        const struct order_order_line *line = &order->lines[i];
        if (line->parts_count == 0 && count < VARIANTS_MAX) ids[count++] = line->variant_id;
        for (size_t k = 0; k < line->parts_count && count < VARIANTS_MAX; k++)
            ids[count++] = line->parts[k].variant_id;
    }
    const struct catalog_find_stock_sources query = {
        .reservation_id = order->has_replaces_id ? order->id : order->group_id,
        .variant_ids = ids,
        .variant_ids_count = count,
    };
    struct catalog_stock_sources found;
    const enum status asked =
        request_ask(request, &catalog_find_stock_sources_message, &query, &found);
    /* What is to be packed is known without the catalogue, too. */
    if (status_is_outage(asked)) return STATUS_OK;
    TRY(asked);
    struct order_packing_source *sources =
        arena_allocate_array(arena, found.data_count, sizeof *sources);
    for (size_t i = 0; i < found.data_count; i++)
        sources[i] = (struct order_packing_source){ .variant_id = found.data[i].variant_id,
                                                    .location_id = found.data[i].location_id,
                                                    .name = found.data[i].name,
                                                    .quantity = found.data[i].quantity };
    slip->sources = sources;
    slip->sources_count = found.data_count;
    return STATUS_OK;
}

enum status order_handle_get_packing_slip(struct request *request,
                                          const struct order_get_packing_slip *query,
                                          struct order_packing_slip *ret_reply)
{
    struct order_list found;
    TRY(order_store_find_order(request, query->order_id, &found));
    if (found.count == 0) return STATUS_NOT_FOUND;
    TRY(order_store_fill_lines(request, &found));
    const struct order_order *order = &found.orders[0];
    if (!uuid_equals(order->vendor.id, request_principal(request)->id)) return STATUS_NOT_FOUND;
    struct order_packing_line *lines =
        arena_allocate_array(request_arena(request), order->lines_count, sizeof *lines);
    for (size_t i = 0; i < order->lines_count; i++)
        lines[i] = packing_line_of(&order->lines[i]);
    *ret_reply = (struct order_packing_slip){ .order_id = order->id,
                                              .number = order->number,
                                              .vendor = order->vendor,
                                              .placed_at_us = order->placed_at_us,
                                              .lines = lines,
                                              .lines_count = order->lines_count,
                                              .has_on_delivery = order->has_on_delivery,
                                              .on_delivery = order->on_delivery };
    return find_sources(request, order, ret_reply);
}
