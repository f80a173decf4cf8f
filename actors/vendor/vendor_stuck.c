/* What waits for staff here: vendors that are suspended and still have orders to do. */
#include <stdlib.h>
#include <string.h>

#include "actors/identity/identity_secret.h"
#include "actors/vendor/vendor_store.h"
#include "order_messages.h"
#include "queue_messages.h"
#include "vendor_handlers.h"

static int compare(const void *left, const void *right)
{
    const struct common_stuck_item *a = left, *b = right;
    if (a->since_us != b->since_us) return a->since_us < b->since_us ? -1 : 1;
    return text_compare(a->id, b->id);
}

static bool is_behind(const struct common_stuck_item *item, const struct queue_list_stuck *query)
{
    const struct common_stuck_item place = { .since_us = query->after_since_us,
                                             .id = query->after_id };
    return query->after_id.length == 0 || compare(item, &place) > 0;
}

static struct common_stuck_item describe(struct request *request,
                                         const struct order_vendor_opening *opening)
{
    struct arena *arena = request_arena(request);
    const struct text vendor = identity_id_text(arena, "ven", opening->vendor_id);
    return (struct common_stuck_item){
        .id = text_format(arena, "vendor_suspended.%.*s", (int)vendor.length, vendor.data),
        .cause = COMMON_STUCK_CAUSE_VENDOR_SUSPENDED,
        .subject = vendor,
        .detail = text_format(arena, "Its open orders: %lld", (long long)opening->open_orders),
        .since_us = opening->oldest_at_us,
    };
}

/* The newest, as many as a page has. */
static enum status find_suspended(struct request *request, struct order_list_openings *question)
{
    struct vendor_search search = { .has_status = true,
                                    .status = VENDOR_VENDOR_STATUS_SUSPENDED,
                                    .limit = VENDOR_PAGE_MAX };
    struct vendor *vendors;
    size_t count;
    memset(search.before.bytes, 0xff, sizeof search.before.bytes);
    TRY(vendor_store_search(request, &search, &vendors, &count));
    struct uuid *ids = arena_allocate_array(request_arena(request), count, sizeof *ids);
    for (size_t i = 0; i < count; i++)
        ids[i] = vendors[i].id;
    question->vendor_ids = ids;
    question->vendor_ids_count = count;
    return STATUS_OK;
}

enum status vendor_handle_list_stuck(struct request *request, const struct queue_list_stuck *query,
                                     struct common_stuck_items *ret_reply)
{
    struct order_list_openings question = { 0 };
    struct order_openings_of_vendors openings;
    *ret_reply = (struct common_stuck_items){ 0 };
    if (query->has_cause && query->cause != COMMON_STUCK_CAUSE_VENDOR_SUSPENDED) return STATUS_OK;
    TRY(find_suspended(request, &question));
    if (question.vendor_ids_count == 0) return STATUS_OK;
    TRY(request_ask(request, &order_list_openings_message, &question, &openings));
    struct common_stuck_item *items =
        arena_allocate_array(request_arena(request), openings.openings_count, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < openings.openings_count; i++) {
        items[count] = describe(request, &openings.openings[i]);
        if (is_behind(&items[count], query)) count++;
    }
    if (count > 0) qsort(items, count, sizeof *items, compare);
    const size_t most = (size_t)query->limit;
    ret_reply->items = items;
    ret_reply->items_count = count < most ? count : most;
    return STATUS_OK;
}
