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
    const int64_t to_pack = wanted - line->packed;
    const int64_t late = line->backordered < to_pack ? line->backordered : to_pack;
    return (struct order_packing_line){ .line_id = line->id,
                                        .name = line->name,
                                        .options = line->options,
                                        .options_count = line->options_count,
                                        .has_sku = line->has_sku,
                                        .sku = line->sku,
                                        .quantity = wanted,
                                        .to_pack = to_pack,
                                        .has_backordered = late > 0,
                                        .backordered = late,
                                        .has_available_on = late > 0 && line->has_available_on,
                                        .available_on_us = line->available_on_us,
                                        .parts = line->parts,
                                        .parts_count = line->parts_count };
}

enum { PACKED_VARIANTS_MAX = 100 };

/* Goods and parts that are to be sent. */
struct packed_variants {
    struct uuid ids[PACKED_VARIANTS_MAX];
    int64_t wanted[PACKED_VARIANTS_MAX]; /* units */
    size_t count;
};

static void want(struct packed_variants *variants, struct uuid id, int64_t units)
{
    size_t i = 0;
    while (i < variants->count && !uuid_equals(variants->ids[i], id))
        i++;
    if (i == PACKED_VARIANTS_MAX) return;
    if (i == variants->count) {
        variants->ids[variants->count] = id;
        variants->wanted[variants->count++] = 0;
    }
    variants->wanted[i] += units;
}

static struct packed_variants *list_variants(struct arena *arena, const struct order_order *order)
{
    struct packed_variants *variants = arena_allocate(arena, sizeof *variants);
    variants->count = 0;
    for (size_t i = 0; i < order->lines_count; i++) {
        const struct order_order_line *line = &order->lines[i];
        const int64_t wanted = line->quantity - line->cancelled;
        if (line->parts_count == 0) want(variants, line->variant_id, wanted);
        for (size_t k = 0; k < line->parts_count; k++)
            want(variants, line->parts[k].variant_id, wanted * line->parts[k].quantity);
    }
    return variants;
}

/* No more units than are to be sent: some may have been called off. */
static int64_t take_wanted(struct packed_variants *variants, struct uuid id, int64_t units)
{
    for (size_t i = 0; i < variants->count; i++) {
        if (!uuid_equals(variants->ids[i], id)) continue;
        const int64_t taken = units < variants->wanted[i] ? units : variants->wanted[i];
        variants->wanted[i] -= taken;
        return taken;
    }
    return 0;
}

/* Units are set aside under the id of the group; those of a replacement under its own. */
static enum status find_sources(struct request *request, const struct order_order *order,
                                struct order_packing_slip *slip)
{
    struct arena *arena = request_arena(request);
    struct packed_variants *variants = list_variants(arena, order);
    const struct catalog_find_stock_sources query = {
        .reservation_id = order->has_replaces_id ? order->id : order->group_id,
        .variant_ids = variants->ids,
        .variant_ids_count = variants->count,
    };
    struct catalog_stock_sources found;
    const enum status asked =
        request_ask(request, &catalog_find_stock_sources_message, &query, &found);
    /* What is to be packed is known without the catalogue, too. */
    if (status_is_outage(asked)) return STATUS_OK;
    TRY(asked);
    struct order_packing_source *sources =
        arena_allocate_array(arena, found.data_count, sizeof *sources);
    slip->sources = sources;
    for (size_t i = 0; i < found.data_count; i++) {
        const struct catalog_stock_source *source = &found.data[i];
        const int64_t taken = take_wanted(variants, source->variant_id, source->quantity);
        if (taken == 0) continue;
        sources[slip->sources_count++] =
            (struct order_packing_source){ .variant_id = source->variant_id,
                                           .location_id = source->location_id,
                                           .name = source->name,
                                           .quantity = taken };
    }
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
