/* Many products at once: each item is a command of its own to the product's actor, done whole or
 * not at all. Under an Idempotency-Key the items have the same ids again, so that a request that
 * was cut short is finished by its repetition, and does nothing twice. */
#include "actors/host/request.h"
#include "catalog_handlers.h"
#include "vendor_messages.h"

enum { WINDOW = 8, ITEMS_MAX = 100 };

/* One item, and what is sent for it. */
struct bulk_item {
    struct uuid product_id;
    union {
        struct catalog_edit_product edit;
        struct catalog_judge_product judge;
    } body;
    enum status refusal; /* not sent, for this reason; or OK */
    const char *pointer, *detail;
};

struct bulk {
    struct request *request;
    const struct message *message;
    struct bulk_item *items;
    size_t count;
    struct catalog_edited_product *outcomes;
    int64_t ok, refused;
};

static void refuse(struct bulk *bulk, size_t index, const struct request_fault *fault)
{
    const struct text pointer =
        text_format(request_arena(bulk->request), "/items/%zu%s", index, fault->pointer);
    const struct text title = text_of(status_title(fault->code));
    bulk->outcomes[index] = (struct catalog_edited_product){
        .product_id = bulk->items[index].product_id,
        .outcome = CATALOG_EDIT_OUTCOME_REFUSED,
        .has_code = true,
        .code = text_of(status_name(fault->code)),
        .has_pointer = true,
        .pointer = pointer,
        .has_detail = true,
        .detail = fault->detail.length > 0 ? fault->detail : title,
    };
    bulk->refused++;
}

/* Statuses: OK (done, or refused), and outages, which end the request: it is to be sent again. */
static enum status end_item(struct bulk *bulk, size_t index, struct request_ask *ask)
{
    const enum status status = request_ask_end(bulk->request, &ask, &bulk->outcomes[index]);
    if (status == STATUS_OK) {
        bulk->ok++;
        return STATUS_OK;
    }
    if (status_is_outage(status) || status == STATUS_INTERNAL) return status;
    struct request_fault fault;
    request_take_fault(bulk->request, status, &fault);
    refuse(bulk, index, &fault);
    return STATUS_OK;
}

static enum status run_window(struct bulk *bulk, size_t first, size_t count)
{
    struct request_ask *asks[WINDOW];
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count; i++) {
        const struct bulk_item *item = &bulk->items[first + i];
        asks[i] = NULL;
        if (item->refusal != STATUS_OK)
            refuse(bulk, first + i,
                   &(struct request_fault){ .pointer = item->pointer,
                                            .code = item->refusal,
                                            .detail = text_of(item->detail) });
        else if (status == STATUS_OK)
            status = request_ask_once_begin(bulk->request, bulk->message, &item->body, &asks[i]);
        if (status != STATUS_OK) asks[i] = NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (asks[i] == NULL) continue;
        const enum status ended = end_item(bulk, first + i, asks[i]);
        if (status == STATUS_OK) status = ended;
    }
    return status;
}

/* Two items for one product would meet each other half done; and no product has the id of who asks,
 * whose actor is waiting here. */
static void refuse_unfit(struct bulk *bulk)
{
    for (size_t i = 0; i < bulk->count; i++) {
        bulk->items[i].pointer = "";
        if (uuid_equals(bulk->items[i].product_id, request_key(bulk->request)))
            bulk->items[i].refusal = STATUS_NOT_FOUND;
        for (size_t k = 0; k < i; k++) {
            if (!uuid_equals(bulk->items[i].product_id, bulk->items[k].product_id)) continue;
            bulk->items[i].refusal = STATUS_INVALID_VALUE;
            bulk->items[i].pointer = "/product_id";
            bulk->items[i].detail = "The product stands twice in this request.";
        }
    }
}

static enum status run(struct bulk *bulk, struct catalog_edited_products *ret_reply)
{
    if (bulk->count == 0)
        return request_refuse(bulk->request, "/items", STATUS_INVALID_VALUE,
                              "There is at least one item.");
    bulk->outcomes =
        arena_allocate_array(request_arena(bulk->request), bulk->count, sizeof *bulk->outcomes);
    refuse_unfit(bulk);
    for (size_t i = 0; i < bulk->count; i += WINDOW) {
        const size_t left = bulk->count - i;
        TRY(run_window(bulk, i, left < WINDOW ? left : WINDOW));
    }
    if (bulk->ok > 0) request_audit_elsewhere(bulk->request);
    *ret_reply = (struct catalog_edited_products){
        .data = bulk->outcomes,
        .data_count = bulk->count,
        .ok = bulk->ok,
        .refused = bulk->refused,
    };
    return STATUS_OK;
}

/* Which items are sent follows from the request's body alone, and so do their ids. */
static struct bulk bulk_new(struct request *request, const struct message *message, size_t count)
{
    assert(count <= ITEMS_MAX);
    struct bulk_item *items =
        arena_allocate_array(request_arena(request), count, sizeof(struct bulk_item));
    return (struct bulk){ .request = request, .message = message, .items = items, .count = count };
}

/* ---- vendors ---- */

static bool says_stock(const struct catalog_product_edit *edit)
{
    bool says = edit->has_stock;
    for (size_t i = 0; i < edit->variants_count; i++)
        says = says || edit->variants[i].has_stock;
    return says;
}

enum status catalog_handle_edit_products(struct request *request,
                                         const struct catalog_edit_products *command,
                                         struct catalog_edited_products *ret_reply)
{
    const struct principal *principal = request_principal(request);
    const bool may_stock = (principal->rights >> VENDOR_PERMISSION_MANAGE_STOCK & 1) != 0;
    struct bulk bulk = bulk_new(request, &catalog_edit_product_message, command->items_count);
    for (size_t i = 0; i < command->items_count; i++) {
        const struct catalog_product_edit *edit = &command->items[i];
        if (!may_stock && says_stock(edit))
            return request_refuse(request, request_pointer_at(request, "/items", i),
                                  STATUS_FORBIDDEN, "Stock takes the permission manage_stock.");
        bulk.items[i] = (struct bulk_item){ .product_id = edit->product_id,
                                            .body.edit = { .product_id = edit->product_id,
                                                           .vendor_id = principal->id,
                                                           .edit = *edit } };
    }
    return run(&bulk, ret_reply);
}

/* ---- staff ---- */

enum status catalog_handle_judge_products(struct request *request,
                                          const struct catalog_judge_products *command,
                                          struct catalog_edited_products *ret_reply)
{
    struct bulk bulk = bulk_new(request, &catalog_judge_product_message, command->items_count);
    for (size_t i = 0; i < command->items_count; i++)
        bulk.items[i] = (struct bulk_item){
            .product_id = command->items[i].product_id,
            .body.judge = { .product_id = command->items[i].product_id,
                            .judgement = command->items[i],
                            .reason = command->reason },
        };
    return run(&bulk, ret_reply);
}

/* The single routes' own handlers, so that nothing is judged in another way. */
enum status catalog_handle_judge_product(struct request *request,
                                         const struct catalog_judge_product *command,
                                         struct catalog_edited_product *ret_reply)
{
    const struct uuid id = command->product_id;
    const int64_t *versions = &command->judgement.version;
    const size_t count = command->judgement.has_version ? 1 : 0;
    struct catalog_own_product product;
    switch (command->judgement.decision) {
    case CATALOG_JUDGEMENT_APPROVE: {
        const struct catalog_approve_product approve = { .product_id = id,
                                                         .versions = versions,
                                                         .versions_count = count };
        TRY(catalog_handle_approve_product(request, &approve, &product));
        break;
    }
    case CATALOG_JUDGEMENT_REJECT: {
        const struct catalog_reject_product reject = { .product_id = id,
                                                       .reason = command->reason,
                                                       .versions = versions,
                                                       .versions_count = count };
        TRY(catalog_handle_reject_product(request, &reject, &product));
        break;
    }
    case CATALOG_JUDGEMENT_HIDE: {
        const struct catalog_block_product block = { .product_id = id,
                                                     .reason = command->reason,
                                                     .versions = versions,
                                                     .versions_count = count };
        TRY(catalog_handle_block_product(request, &block, &product));
        break;
    }
    case CATALOG_JUDGEMENT_RESTORE:
    default: {
        const struct catalog_restore_product restore = { .product_id = id,
                                                         .has_reason = true,
                                                         .reason = command->reason,
                                                         .versions = versions,
                                                         .versions_count = count };
        TRY(catalog_handle_restore_product(request, &restore, &product));
        break;
    }
    }
    *ret_reply = (struct catalog_edited_product){ .product_id = id,
                                                  .outcome = CATALOG_EDIT_OUTCOME_OK,
                                                  .has_version = true,
                                                  .version = product.version,
                                                  .has_status = true,
                                                  .status = product.status };
    return STATUS_OK;
}
