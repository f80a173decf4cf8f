/* What the export of a shopper's data says of carts and orders, what blocks the erasure of an
 * account, and what is forgotten when it is erased. Orders stay: the books need them, and they name
 * nobody. */
#include "actors/order/business_store.h"
#include "actors/order/cart_store.h"
#include "actors/order/claim_store.h"
#include "actors/order/customer_group_store.h"
#include "actors/order/draft_store.h"
#include "actors/order/order_back_store.h"
#include "actors/order/order_guest_store.h"
#include "actors/order/order_shopper_store.h"
#include "actors/order/return_store.h"
#include "actors/order/saved_item_store.h"
#include "actors/order/shipment_store.h"

#include <string.h>

#include "messages/codec_json.h"
#include "order_handlers.h"

enum {
    EXPORT_BYTES_MAX = 262144,
    EXPORT_TAIL_BYTES = 64, /* kept free for the end of the text */
    EXPORT_PAGE = 100,
    EXPORT_PAGES_MAX = 20,
    EXPORT_NOTES_MAX = 1000
};

enum status order_handle_get_erasure_blockers(struct request *request,
                                              const struct people_get_erasure_blockers *query,
                                              struct common_blockers *ret_reply)
{
    struct arena *arena = request_arena(request);
    const struct text *numbers;
    size_t count;
    bool is_checking_out;
    TRY(order_shopper_find_open(request, query->user_id, &numbers, &count, &is_checking_out));
    struct common_blocker *blockers = arena_allocate_array(arena, count + 1, sizeof *blockers);
    for (size_t i = 0; i < count; i++)
        blockers[i] = (struct common_blocker){
            .code = TEXT("open_order"),
            .detail = text_format(
                arena, "Order %.*s is open: wait until it is completed and paid, or cancel it.",
                (int)numbers[i].length, numbers[i].data),
        };
    if (is_checking_out)
        blockers[count++] = (struct common_blocker){
            .code = TEXT("open_order"),
            .detail = TEXT("A checkout is under way: wait until it has ended."),
        };
    *ret_reply = (struct common_blockers){ .blockers = blockers, .blockers_count = count };
    return STATUS_OK;
}

/* ---- export ---- */

/* Adds one item to a JSON list, unless the text would become too long. */
static bool add_item(struct text_builder *out, struct arena *arena, const struct schema *schema,
                     const void *value, bool is_first)
{
    struct text_builder item;
    text_builder_init(&item, arena, EXPORT_BYTES_MAX);
    json_encode(schema, value, &item);
    if (item.is_full || out->length + item.length + EXPORT_TAIL_BYTES > out->limit) return false;
    if (!is_first) text_builder_add_byte(out, ',');
    text_builder_add(out, text_builder_view(&item));
    return true;
}

/* At the prices that the cart remembers, without the catalogue. A line whose total is beyond int64
 * (a merge adds up no prices) cannot be said, and is left out. */
static void add_lines(struct request *request, const struct cart *cart, struct text_builder *out,
                      bool *is_first, bool *is_complete)
{
    for (size_t i = 0; i < cart->lines_count; i++) {
        const struct cart_line *line = &cart->lines[i];
        struct order_cart_line shown = {
            .id = line->id,
            .variant_id = line->variant_id,
            .product_id = line->product_id,
            .vendor_id = line->vendor_id,
            .name = cart_line_name(line),
            .quantity = line->quantity,
            .unit_price = money_make(line->unit_amount, cart->currency),
        };
        const bool is_added =
            money_multiply(shown.unit_price, line->quantity, &shown.total) == STATUS_OK &&
            add_item(out, request_arena(request), &order_cart_line_schema, &shown, *is_first);
        *is_first = *is_first && !is_added;
        *is_complete = *is_complete && is_added;
    }
}

/* The lines of the shopper's cart, and of what staff prepares for him. */
static enum status add_carts(struct request *request, struct uuid user_id,
                             const struct order_draft *drafts, size_t drafts_count,
                             struct text_builder *out, bool *ret_is_complete)
{
    struct cart *cart;
    bool is_first = true;
    *ret_is_complete = drafts_count < DRAFTS_LISTED_MAX;
    const enum status found = cart_store_find_active(request, user_id, &cart);
    if (found == STATUS_OK) add_lines(request, cart, out, &is_first, ret_is_complete);
    if (found != STATUS_NOT_FOUND) TRY(found);
    for (size_t i = 0; i < drafts_count; i++) {
        const enum status read = cart_store_read(request, drafts[i].id, &cart);
        if (read == STATUS_NOT_FOUND) continue;
        TRY(read);
        add_lines(request, cart, out, &is_first, ret_is_complete);
    }
    return STATUS_OK;
}

static void add_drafts(struct request *request, const struct order_draft *drafts, size_t count,
                       struct text_builder *out)
{
    for (size_t i = 0; i < count; i++) {
        struct order_draft shown = drafts[i];
        shown.has_made_by = false; /* who of the staff it was is no data of the shopper's */
        (void)add_item(out, request_arena(request), &order_draft_schema, &shown, i == 0);
    }
}

static enum status add_business(struct request *request, struct uuid user_id,
                                struct text_builder *out)
{
    struct order_business business;
    const enum status found = business_store_find(request, user_id, &business);
    if (found == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(found);
    (void)add_item(out, request_arena(request), &order_business_schema, &business, true);
    return STATUS_OK;
}

/* As they were put aside, without the catalogue. */
static enum status add_saved(struct request *request, struct uuid user_id, struct text_builder *out)
{
    struct saved_item *items;
    size_t count;
    TRY(saved_item_store_list(request, user_id, &items, &count));
    for (size_t i = 0; i < count; i++) {
        const struct order_saved_item shown = { .variant_id = items[i].variant_id,
                                                .product_id = items[i].product_id,
                                                .vendor_id = items[i].vendor_id,
                                                .name = items[i].name,
                                                .quantity = items[i].quantity,
                                                .saved_at_us = items[i].saved_at_us };
        (void)add_item(out, request_arena(request), &order_saved_item_schema, &shown, i == 0);
    }
    return STATUS_OK;
}

static enum status add_groups(struct request *request, struct uuid user_id,
                              struct text_builder *out)
{
    struct order_customer_group_membership *memberships;
    size_t count;
    TRY(customer_group_store_list_of(request, user_id, &memberships, &count));
    for (size_t i = 0; i < count; i++)
        (void)add_item(out, request_arena(request), &order_customer_group_membership_schema,
                       &memberships[i], i == 0);
    return STATUS_OK;
}

/* Lists have no parcels and no cancellations; most orders that are asked for here have none. */
static enum status add_details(struct request *request, struct order_order *order)
{
    bool has_packed = false;
    for (size_t i = 0; i < order->lines_count; i++)
        has_packed |= order->lines[i].packed > 0;
    if (has_packed) TRY(shipment_store_fill(request, order));
    TRY(order_back_store_fill(request, order));
    TRY(return_store_fill(request, order));
    return claim_store_fill(request, order);
}

/* The newest first, as many as fit; the bound of pages is a bound of time. */
static enum status add_orders(struct request *request, struct uuid user_id,
                              struct text_builder *out, bool *ret_is_complete)
{
    struct uuid before;
    struct order_list list = { .count = EXPORT_PAGE };
    bool is_first = true;
    memset(before.bytes, 0xff, sizeof before.bytes);
    *ret_is_complete = false;
    for (size_t page = 0; page < EXPORT_PAGES_MAX && list.count == EXPORT_PAGE; page++) {
        TRY(order_store_list_of_user(request, user_id, before, EXPORT_PAGE, &list));
        TRY(order_store_fill_lines(request, &list));
        for (size_t i = 0; i < list.count; i++) {
            TRY(add_details(request, &list.orders[i]));
            if (!add_item(out, request_arena(request), &order_order_schema, &list.orders[i],
                          is_first))
                return STATUS_OK;
            is_first = false;
            before = list.orders[i].id;
        }
    }
    *ret_is_complete = list.count < EXPORT_PAGE;
    return STATUS_OK;
}

static enum status add_notes(struct request *request, struct uuid user_id, struct text_builder *out,
                             bool *ret_is_complete)
{
    const struct order_order_note *notes;
    size_t count;
    TRY(order_shopper_list_notes(request, user_id, EXPORT_NOTES_MAX, &notes, &count));
    *ret_is_complete = false;
    for (size_t i = 0; i < count; i++)
        if (!add_item(out, request_arena(request), &order_order_note_schema, &notes[i], i == 0))
            return STATUS_OK;
    *ret_is_complete = count < EXPORT_NOTES_MAX;
    return STATUS_OK;
}

enum status order_handle_export_shopper(struct request *request,
                                        const struct people_export_shopper *query,
                                        struct common_export_part *ret_reply)
{
    struct text_builder out;
    bool is_cart_complete, are_orders_complete, are_notes_complete;
    struct order_draft *drafts;
    size_t drafts_count;
    TRY(draft_store_list_of(request, query->user_id, &drafts, &drafts_count));
    text_builder_init(&out, request_arena(request), EXPORT_BYTES_MAX);
    text_builder_add(&out, TEXT("{\"business_numbers\":["));
    TRY(add_business(request, query->user_id, &out));
    text_builder_add(&out, TEXT("],\"cart_lines\":["));
    TRY(add_carts(request, query->user_id, drafts, drafts_count, &out, &is_cart_complete));
    text_builder_add(&out, TEXT("],\"drafts\":["));
    add_drafts(request, drafts, drafts_count, &out);
    text_builder_add(&out, TEXT("],\"saved_items\":["));
    TRY(add_saved(request, query->user_id, &out));
    text_builder_add(&out, TEXT("],\"customer_groups\":["));
    TRY(add_groups(request, query->user_id, &out));
    text_builder_add(&out, TEXT("],\"orders\":["));
    TRY(add_orders(request, query->user_id, &out, &are_orders_complete));
    text_builder_add(&out, TEXT("],\"notes\":["));
    TRY(add_notes(request, query->user_id, &out, &are_notes_complete));
    text_builder_add(&out, is_cart_complete && are_orders_complete && are_notes_complete
                               ? TEXT("],\"is_complete\":true}")
                               : TEXT("],\"is_complete\":false}"));
    ret_reply->json = text_builder_view(&out);
    return STATUS_OK;
}

/* ---- erasure ---- */

enum status order_on_user_user_was_erased(struct request *request,
                                          const struct user_user_was_erased *event)
{
    const struct order_forget_shopper forget = { .user_id = event->user_id };
    return request_ask(request, &order_forget_shopper_message, &forget, NULL);
}

/* Of people, carts, groups and orders keep only addresses and what was written, groups of customers
 * who is in them; what was put aside goes, and the number of a business; orders keep the one that
 * they were placed by. A column that names somebody must be cleared here, too. */
enum status order_handle_forget_shopper(struct request *request,
                                        const struct order_forget_shopper *command)
{
    order_shopper_hold(request, command->user_id, INT64_MAX);
    order_shopper_delete_cart(request, command->user_id);
    order_shopper_forget_email(request, command->user_id);
    customer_group_store_forget(request, command->user_id);
    saved_item_store_forget(request, command->user_id);
    business_store_remove(request, command->user_id);
    order_guest_forget_addresses(request, command->user_id);
    order_store_forget_addresses(request, command->user_id);
    order_shopper_forget_words(request, command->user_id);
    return STATUS_OK;
}

enum status order_handle_hold_shopper(struct request *request,
                                      const struct people_hold_shopper *command)
{
    order_shopper_hold(request, command->user_id, command->until_us);
    return STATUS_OK;
}

enum status order_handle_free_shopper(struct request *request,
                                      const struct people_free_shopper *command)
{
    order_shopper_free(request, command->user_id);
    return STATUS_OK;
}
