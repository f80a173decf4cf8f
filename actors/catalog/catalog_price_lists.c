/* Price lists of groups of customers, as vendors keep them for their own goods and staff for those
 * of anybody. Carts read them with their offers, and the order domain knows who is in a group. */
#include "actors/catalog/catalog_cursor.h"
#include "actors/catalog/catalog_price_list_door.h"
#include "actors/host/market_currency.h"
#include "catalog_handlers.h"
#include "order_messages.h"
#include "runtime/plain_text.h"

enum { PAGE_DEFAULT = 20 };

/* ---- doors ---- */

struct uuid catalog_price_list_owner(const struct request *request)
{
    const struct principal *principal = request_principal(request);
    return principal->kind == PRINCIPAL_VENDOR ? principal->id : (struct uuid){ { 0 } };
}

enum status catalog_price_list_open(struct request *request, struct uuid list_id,
                                    struct versions versions,
                                    struct catalog_price_list_row *ret_list)
{
    TRY(catalog_price_list_store_find(request, list_id, ret_list));
    if (!uuid_equals(ret_list->vendor_id, catalog_price_list_owner(request)))
        return STATUS_NOT_FOUND;
    return versions_have(versions, ret_list->version) ? STATUS_OK : STATUS_PRECONDITION_FAILED;
}

enum status catalog_price_list_show(struct request *request, struct uuid list_id,
                                    struct catalog_price_list_row *ret_list)
{
    TRY(catalog_price_list_store_find(request, list_id, ret_list));
    const bool may_see = request_principal(request)->kind == PRINCIPAL_ADMIN ||
                         uuid_equals(ret_list->vendor_id, catalog_price_list_owner(request));
    return may_see ? STATUS_OK : STATUS_NOT_FOUND;
}

static struct catalog_price_list describe(const struct catalog_price_list_row *list)
{
    return (struct catalog_price_list){
        .id = list->id,
        .has_vendor_id = !uuid_is_zero(list->vendor_id),
        .vendor_id = list->vendor_id,
        .name = list->name,
        .group_ids = list->group_ids,
        .group_ids_count = list->group_ids_count,
        .currency = list->currency,
        .has_starts_at = list->starts_us > 0,
        .starts_at_us = list->starts_us,
        .has_ends_at = list->ends_us < CATALOG_SALE_FOR_GOOD,
        .ends_at_us = list->ends_us,
        .is_active = list->is_active,
        .prices = list->prices,
        .version = list->version,
        .created_at_us = list->created_us,
        .updated_at_us = list->updated_us,
    };
}

/* ---- what it says ---- */

/* What a command sends: that which makes a list, and that which changes one. */
struct wish {
    bool has_name;
    struct text name;
    const struct uuid *group_ids;
    size_t group_ids_count;
    bool has_starts_at, starts_at_once, has_ends_at, never_ends;
    int64_t starts_us, ends_us;
    bool has_is_active, is_active;
};

#define WISH_OF(command)                                                                           \
    .group_ids = (command)->group_ids, .group_ids_count = (command)->group_ids_count,              \
    .has_starts_at = (command)->has_starts_at, .starts_us = (command)->starts_at_us,               \
    .has_ends_at = (command)->has_ends_at, .ends_us = (command)->ends_at_us,                       \
    .has_is_active = (command)->has_is_active, .is_active = (command)->is_active
#define CHANGE_OF(command)                                                                         \
    .has_name = (command)->has_name, .name = (command)->name,                                      \
    .starts_at_once = (command)->has_remove_starts_at && (command)->remove_starts_at,              \
    .never_ends = (command)->has_remove_ends_at && (command)->remove_ends_at, WISH_OF(command)

static bool is_among(const struct uuid *ids, size_t count, struct uuid id)
{
    for (size_t i = 0; i < count; i++)
        if (uuid_equals(ids[i], id)) return true;
    return false;
}

/* A list for a group that is not there is for nobody, which nobody would notice. */
static enum status check_groups(struct request *request, const struct wish *wish)
{
    const struct order_find_customer_groups query = { .group_ids = wish->group_ids,
                                                      .group_ids_count = wish->group_ids_count };
    struct order_known_customer_groups known;
    if (wish->group_ids_count == 0) return STATUS_OK;
    TRY(request_ask(request, &order_find_customer_groups_message, &query, &known));
    for (size_t i = 0; i < wish->group_ids_count; i++)
        if (!is_among(known.group_ids, known.group_ids_count, wish->group_ids[i]))
            return request_refuse(request, request_pointer_at(request, "/group_ids", i),
                                  STATUS_NOT_FOUND, "There is no such group of customers.");
    return STATUS_OK;
}

static void set_time(const struct wish *wish, struct catalog_price_list_row *list)
{
    if (wish->has_starts_at) list->starts_us = wish->starts_us > 0 ? wish->starts_us : 0;
    if (wish->starts_at_once) list->starts_us = 0;
    if (wish->has_ends_at) list->ends_us = wish->ends_us;
    if (wish->never_ends) list->ends_us = CATALOG_SALE_FOR_GOOD;
}

static enum status apply(struct request *request, const struct wish *wish,
                         struct catalog_price_list_row *list)
{
    const char *field;
    if (wish->has_name) {
        list->name = text_trim(wish->name);
        if (!plain_text_is_name(list->name))
            return request_refuse(request, "/name", STATUS_INVALID_VALUE,
                                  "A name has something to read, and nothing hidden.");
    }
    if (wish->has_starts_at && wish->starts_at_once)
        return request_refuse(request, "/starts_at", STATUS_INVALID_VALUE,
                              "It has a beginning, or it has none.");
    if (wish->has_ends_at && wish->never_ends)
        return request_refuse(request, "/ends_at", STATUS_INVALID_VALUE,
                              "It has an end, or it has none.");
    if (wish->has_ends_at && wish->ends_us <= request_now_us(request))
        return request_refuse(request, "/ends_at", STATUS_INVALID_VALUE,
                              "It would be over already.");
    set_time(wish, list);
    if (wish->has_is_active) list->is_active = wish->is_active;
    if (wish->group_ids_count > 0) {
        list->group_ids = wish->group_ids;
        list->group_ids_count = wish->group_ids_count;
    }
    const char *fault = catalog_price_list_fault(list, &field);
    if (fault != NULL)
        return request_refuse(request, text_format(request_arena(request), "/%s", field).data,
                              STATUS_INVALID_VALUE, fault);
    return check_groups(request, wish);
}

/* ---- made ---- */

static enum status create(struct request *request, const struct wish *wish, struct text currency,
                          struct catalog_price_list *ret_reply)
{
    struct catalog_price_list_row list = { .id = request_new_root_id(request),
                                           .vendor_id = catalog_price_list_owner(request),
                                           .currency = currency,
                                           .ends_us = CATALOG_SALE_FOR_GOOD,
                                           .is_active = true,
                                           .version = 1,
                                           .created_us = request_now_us(request),
                                           .updated_us = request_now_us(request) };
    int64_t count;
    TRY(market_check_currency(request, "/currency", STATUS_INVALID_VALUE, currency));
    TRY(catalog_price_list_store_count(request, list.vendor_id, &count));
    if (count >= CATALOG_PRICE_LISTS_MAX)
        return request_refuse_full(request, "", STATUS_TOO_MANY_PRICE_LISTS,
                                   CATALOG_PRICE_LISTS_MAX, NULL);
    TRY(apply(request, wish, &list));
    catalog_price_list_store_add(request, &list);
    request_audit(request, "plt", list.id, (struct text){ 0 });
    *ret_reply = describe(&list);
    return STATUS_OK;
}

enum status
catalog_handle_create_own_price_list(struct request *request,
                                     const struct catalog_create_own_price_list *command,
                                     struct catalog_price_list *ret_reply)
{
    const struct wish wish = { .has_name = true, .name = command->name, WISH_OF(command) };
    return create(request, &wish, command->currency, ret_reply);
}

enum status catalog_handle_create_price_list(struct request *request,
                                             const struct catalog_create_price_list *command,
                                             struct catalog_price_list *ret_reply)
{
    const struct wish wish = { .has_name = true, .name = command->name, WISH_OF(command) };
    return create(request, &wish, command->currency, ret_reply);
}

/* ---- seen ---- */

static enum status page(struct request *request, struct uuid vendor_id, int64_t limit,
                        bool has_after, struct text after,
                        struct catalog_price_list_page *ret_reply)
{
    struct catalog_price_list_row *lists;
    struct uuid before = catalog_cursor_first();
    size_t count;
    if (has_after && catalog_cursor_decode(after, &before) != STATUS_OK)
        return request_refuse_cursor(request);
    TRY(catalog_price_list_store_page(request, vendor_id, before, limit + 1, &lists, &count));
    ret_reply->has_more = ret_reply->has_next = count > (size_t)limit;
    ret_reply->data_count = ret_reply->has_more ? (size_t)limit : count;
    if (ret_reply->has_more)
        ret_reply->next = catalog_cursor_encode(request_arena(request), lists[limit - 1].id);
    struct catalog_price_list *data =
        arena_allocate_array(request_arena(request), ret_reply->data_count, sizeof *data);
    for (size_t i = 0; i < ret_reply->data_count; i++)
        data[i] = describe(&lists[i]);
    ret_reply->data = data;
    return STATUS_OK;
}

enum status catalog_handle_list_own_price_lists(struct request *request,
                                                const struct catalog_list_own_price_lists *query,
                                                struct catalog_price_list_page *ret_reply)
{
    return page(request, catalog_price_list_owner(request),
                query->has_limit ? query->limit : PAGE_DEFAULT, query->has_after, query->after,
                ret_reply);
}

enum status catalog_handle_list_price_lists(struct request *request,
                                            const struct catalog_list_price_lists *query,
                                            struct catalog_price_list_page *ret_reply)
{
    const struct uuid vendor_id = query->has_vendor_id ? query->vendor_id : (struct uuid){ { 0 } };
    return page(request, vendor_id, query->has_limit ? query->limit : PAGE_DEFAULT,
                query->has_after, query->after, ret_reply);
}

static enum status get(struct request *request, struct uuid list_id,
                       struct catalog_price_list *ret_reply)
{
    struct catalog_price_list_row list;
    TRY(catalog_price_list_show(request, list_id, &list));
    *ret_reply = describe(&list);
    return STATUS_OK;
}

enum status catalog_handle_get_own_price_list(struct request *request,
                                              const struct catalog_get_own_price_list *query,
                                              struct catalog_price_list *ret_reply)
{
    return get(request, query->list_id, ret_reply);
}

enum status catalog_handle_get_price_list(struct request *request,
                                          const struct catalog_get_price_list *query,
                                          struct catalog_price_list *ret_reply)
{
    return get(request, query->list_id, ret_reply);
}

enum status
catalog_handle_find_price_list_of_group(struct request *request,
                                        const struct catalog_find_price_list_of_group *query,
                                        struct catalog_price_list_of_group *ret_reply)
{
    return catalog_price_list_store_find_of_group(request, query->group_id, ret_reply);
}

/* ---- changed and removed ---- */

static enum status change(struct request *request, struct uuid list_id, struct versions versions,
                          const struct wish *wish, struct catalog_price_list *ret_reply)
{
    struct catalog_price_list_row list;
    TRY(catalog_price_list_open(request, list_id, versions, &list));
    TRY(apply(request, wish, &list));
    list.version++;
    list.updated_us = request_now_us(request);
    catalog_price_list_store_save(request, &list);
    request_audit(request, "plt", list.id, (struct text){ 0 });
    *ret_reply = describe(&list);
    return STATUS_OK;
}

enum status
catalog_handle_change_own_price_list(struct request *request,
                                     const struct catalog_change_own_price_list *command,
                                     struct catalog_price_list *ret_reply)
{
    const struct wish wish = { CHANGE_OF(command) };
    return change(request, command->list_id, VERSIONS_OF(command), &wish, ret_reply);
}

enum status catalog_handle_change_price_list(struct request *request,
                                             const struct catalog_change_price_list *command,
                                             struct catalog_price_list *ret_reply)
{
    const struct wish wish = { CHANGE_OF(command) };
    return change(request, command->list_id, VERSIONS_OF(command), &wish, ret_reply);
}

static enum status take_away(struct request *request, struct uuid list_id, struct versions versions)
{
    struct catalog_price_list_row list;
    TRY(catalog_price_list_open(request, list_id, versions, &list));
    catalog_price_list_store_remove(request, &list);
    request_audit(request, "plt", list.id, (struct text){ 0 });
    return STATUS_OK;
}

enum status
catalog_handle_remove_own_price_list(struct request *request,
                                     const struct catalog_remove_own_price_list *command)
{
    return take_away(request, command->list_id, VERSIONS_OF(command));
}

enum status catalog_handle_remove_price_list(struct request *request,
                                             const struct catalog_remove_price_list *command)
{
    return take_away(request, command->list_id, VERSIONS_OF(command));
}
