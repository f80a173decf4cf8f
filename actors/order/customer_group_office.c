/* Groups of customers, as staff makes them and puts shoppers in and out. Prices read who is in them
 * with the promotions of a cart (promotion_store.c). */
#include "actors/order/customer_group_store.h"
#include "actors/order/order_cursor.h"
#include "catalog_messages.h"
#include "order_handlers.h"
#include "runtime/plain_text.h"
#include "user_messages.h"

/* ---- groups ---- */

static enum status set_name(struct request *request, struct text wanted, bool is_new,
                            struct order_customer_group *group)
{
    bool is_taken;
    int64_t count;
    group->name = text_trim(wanted);
    if (!plain_text_is_name(group->name))
        return request_refuse(request, "/name", STATUS_INVALID_VALUE,
                              "A name has something to read, and nothing hidden.");
    TRY(customer_group_store_look(request, group->id, group->name, &is_taken, &count));
    if (is_taken) return request_refuse(request, "/name", STATUS_CUSTOMER_GROUP_EXISTS, NULL);
    if (is_new && count >= CUSTOMER_GROUPS_MAX)
        return request_refuse_full(request, "", STATUS_TOO_MANY_CUSTOMER_GROUPS,
                                   CUSTOMER_GROUPS_MAX, NULL);
    return STATUS_OK;
}

enum status order_handle_create_customer_group(struct request *request,
                                               const struct order_create_customer_group *command,
                                               struct order_customer_group *ret_reply)
{
    struct order_customer_group group = { .id = request_new_root_id(request),
                                          .version = 1,
                                          .created_at_us = request_now_us(request),
                                          .updated_at_us = request_now_us(request) };
    TRY(set_name(request, command->name, true, &group));
    customer_group_store_add(request, &group);
    request_audit(request, "cgr", group.id, (struct text){ 0 });
    *ret_reply = group;
    return STATUS_OK;
}

enum status order_handle_list_customer_groups(struct request *request,
                                              const struct order_list_customer_groups *query,
                                              struct order_customer_group_page *ret_reply)
{
    const size_t limit = (size_t)(query->has_limit ? query->limit : ORDER_PAGE_DEFAULT);
    const struct uuid user_id = query->has_user_id ? query->user_id : (struct uuid){ { 0 } };
    struct order_customer_group *groups;
    struct uuid before;
    size_t count;
    TRY(order_cursor_read(request, query->has_after, query->after, &before));
    TRY(customer_group_store_list(request, user_id, before, (int64_t)limit + 1, &groups, &count));
    ret_reply->data = groups;
    ret_reply->has_more = ret_reply->has_next = count > limit;
    ret_reply->data_count = ret_reply->has_more ? limit : count;
    if (ret_reply->has_more) ret_reply->next = order_cursor_write(request, groups[limit - 1].id);
    return STATUS_OK;
}

enum status
order_handle_list_vendor_customer_groups(struct request *request,
                                         const struct order_list_vendor_customer_groups *query,
                                         struct order_vendor_customer_groups *ret_reply)
{
    (void)query;
    struct order_vendor_customer_group *groups;
    TRY(customer_group_store_list_names(request, &groups, &ret_reply->data_count));
    ret_reply->data = groups;
    return STATUS_OK;
}

enum status order_handle_get_customer_group(struct request *request,
                                            const struct order_get_customer_group *query,
                                            struct order_customer_group *ret_reply)
{
    return customer_group_store_find(request, query->group_id, ret_reply);
}

/* The version is compared before anything is changed, so that nobody overwrites what he has not
 * seen. */
static enum status find_for_change(struct request *request, struct uuid group_id,
                                   struct versions versions, struct order_customer_group *ret_group)
{
    TRY(customer_group_store_find(request, group_id, ret_group));
    return versions_have(versions, ret_group->version) ? STATUS_OK : STATUS_PRECONDITION_FAILED;
}

enum status order_handle_rename_customer_group(struct request *request,
                                               const struct order_rename_customer_group *command,
                                               struct order_customer_group *ret_reply)
{
    struct order_customer_group group;
    TRY(find_for_change(request, command->group_id, VERSIONS_OF(command), &group));
    TRY(set_name(request, command->name, false, &group));
    group.version++;
    group.updated_at_us = request_now_us(request);
    customer_group_store_rename(request, &group);
    *ret_reply = group;
    return STATUS_OK;
}

/* A promotion for a group that is gone is for nobody, which nobody would notice. */
static enum status refuse_use(struct request *request, struct uuid group_id)
{
    struct uuid promotion_id;
    struct text name;
    char id[ID_TEXT_MAX + 1];
    const enum status found =
        customer_group_store_find_use(request, group_id, &promotion_id, &name);
    if (found == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(found);
    (void)id_format("prm", promotion_id, id);
    const struct text detail =
        text_format(request_arena(request), "The promotion %s (%.*s) is for it.", id,
                    (int)name.length, name.data);
    request_add_fault(request, &(struct request_fault){ .pointer = "",
                                                        .code = STATUS_CUSTOMER_GROUP_IN_USE,
                                                        .detail = detail });
    return STATUS_CUSTOMER_GROUP_IN_USE;
}

/* The same of a price list, which the catalogue keeps. One that is made in this moment is for
 * nobody, and may be given another group. */
static enum status refuse_price_list(struct request *request, struct uuid group_id)
{
    const struct catalog_find_price_list_of_group query = { .group_id = group_id };
    struct catalog_price_list_of_group list;
    char id[ID_TEXT_MAX + 1];
    const enum status found =
        request_ask(request, &catalog_find_price_list_of_group_message, &query, &list);
    if (found == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(found);
    (void)id_format("plt", list.list_id, id);
    const struct text detail =
        text_format(request_arena(request), "The price list %s (%.*s) is for it.", id,
                    (int)list.name.length, list.name.data);
    return request_refuse(request, "", STATUS_CUSTOMER_GROUP_IN_USE, detail.data);
}

enum status order_handle_remove_customer_group(struct request *request,
                                               const struct order_remove_customer_group *command)
{
    struct order_customer_group group;
    TRY(find_for_change(request, command->group_id, VERSIONS_OF(command), &group));
    TRY(refuse_use(request, command->group_id));
    TRY(refuse_price_list(request, command->group_id));
    customer_group_store_remove(request, &group);
    return STATUS_OK;
}

enum status order_handle_find_customer_groups(struct request *request,
                                              const struct order_find_customer_groups *query,
                                              struct order_known_customer_groups *ret_reply)
{
    return customer_group_store_find_many(request, query->group_ids, query->group_ids_count,
                                          &ret_reply->group_ids, &ret_reply->group_ids_count);
}

/* ---- members ---- */

static enum status check_shopper(struct request *request, struct uuid user_id)
{
    const struct user_get_shopper_standing query = { .user_id = user_id };
    struct user_shopper_standing standing;
    return request_ask(request, &user_get_shopper_standing_message, &query, &standing);
}

enum status
order_handle_add_customer_group_member(struct request *request,
                                       const struct order_add_customer_group_member *command)
{
    struct order_customer_group group;
    bool is_in, is_erased;
    TRY(customer_group_store_find(request, command->group_id, &group));
    TRY(check_shopper(request, command->user_id));
    TRY(customer_group_store_has(request, command->group_id, command->user_id, &is_in, &is_erased));
    if (is_erased) return STATUS_NOT_FOUND;
    if (is_in) return STATUS_OK;
    if (group.members >= CUSTOMER_GROUP_MEMBERS_MAX)
        return request_refuse_full(request, "", STATUS_CUSTOMER_GROUP_FULL,
                                   CUSTOMER_GROUP_MEMBERS_MAX, NULL);
    customer_group_store_put(request, command->group_id, command->user_id);
    return STATUS_OK;
}

enum status
order_handle_remove_customer_group_member(struct request *request,
                                          const struct order_remove_customer_group_member *command)
{
    bool is_in, is_erased;
    TRY(customer_group_store_has(request, command->group_id, command->user_id, &is_in, &is_erased));
    if (!is_in) return STATUS_NOT_FOUND;
    customer_group_store_take(request, command->group_id, command->user_id);
    return STATUS_OK;
}

enum status
order_handle_list_customer_group_members(struct request *request,
                                         const struct order_list_customer_group_members *query,
                                         struct order_customer_group_members *ret_reply)
{
    const size_t limit = (size_t)(query->has_limit ? query->limit : ORDER_PAGE_DEFAULT);
    struct order_customer_group group;
    struct order_customer_group_member *members;
    struct uuid before;
    size_t count;
    TRY(order_cursor_read(request, query->has_after, query->after, &before));
    TRY(customer_group_store_find(request, query->group_id, &group));
    TRY(customer_group_store_members(request, query->group_id, before, (int64_t)limit + 1, &members,
                                     &count));
    ret_reply->data = members;
    ret_reply->has_more = ret_reply->has_next = count > limit;
    ret_reply->data_count = ret_reply->has_more ? limit : count;
    if (ret_reply->has_more)
        ret_reply->next = order_cursor_write(request, members[limit - 1].user_id);
    return STATUS_OK;
}
