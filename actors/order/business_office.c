/* Business numbers: shoppers give them, staff verifies or refuses them. Prices read the verified
 * ones with the rates of tax (tax_rate_store.c). */
#include "actors/order/business_number.h"
#include "actors/order/business_store.h"
#include "actors/order/order_cursor.h"
#include "order_handlers.h"
#include "runtime/plain_text.h"
#include "runtime/text_form.h"

/* ---- shoppers ---- */

enum status order_handle_get_business(struct request *request,
                                      const struct order_get_business *query,
                                      struct order_business *ret_reply)
{
    (void)query;
    return business_store_find(request, request_principal(request)->id, ret_reply);
}

static enum status check(struct request *request, const struct order_set_business *command,
                         struct business_number *ret_number, struct text *ret_company)
{
    if (!text_is_country(command->country))
        return request_refuse(request, "/country", STATUS_INVALID_VALUE, TEXT_COUNTRY_RULE);
    *ret_company = text_trim(command->company);
    if (!plain_text_is_name(*ret_company))
        return request_refuse(request, "/company", STATUS_INVALID_VALUE,
                              "A name has something to read, and nothing hidden.");
    if (business_number_normalise(command->country, command->number, ret_number) == STATUS_OK)
        return STATUS_OK;
    return request_refuse(request, "/number", STATUS_INVALID_VALUE,
                          "This is not the form of the country's numbers.");
}

enum status order_handle_set_business(struct request *request,
                                      const struct order_set_business *command,
                                      struct order_business *ret_reply)
{
    const int64_t now_us = request_now_us(request);
    struct order_business business = { .user_id = request_principal(request)->id,
                                       .created_at_us = now_us };
    struct business_number number;
    struct text company;
    TRY(check(request, command, &number, &company));
    const struct text normal =
        text_format(request_arena(request), "%.*s", (int)number.length, number.text);
    const enum status found = business_store_find(request, business.user_id, &business);
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) return found;
    const bool is_same = found == STATUS_OK && text_equals(business.country, command->country) &&
                         text_equals(business.number, normal) &&
                         text_equals(business.company, company);
    if (!is_same) {
        business.country = command->country;
        business.number = normal;
        business.company = company;
        business.status = ORDER_BUSINESS_STATUS_PENDING;
        business.has_reason = false;
        business.version++;
        business.updated_at_us = now_us;
        business_store_save(request, &business);
    }
    *ret_reply = business;
    return STATUS_OK;
}

enum status order_handle_withdraw_business(struct request *request,
                                           const struct order_withdraw_business *command)
{
    (void)command;
    struct order_business business;
    TRY(business_store_find(request, request_principal(request)->id, &business));
    business_store_remove(request, business.user_id);
    return STATUS_OK;
}

/* ---- staff ---- */

enum status order_handle_list_businesses(struct request *request,
                                         const struct order_list_businesses *query,
                                         struct order_business_page *ret_reply)
{
    const size_t limit = (size_t)(query->has_limit ? query->limit : ORDER_PAGE_DEFAULT);
    const enum order_business_status status =
        query->has_status ? query->status : ORDER_BUSINESS_STATUS_PENDING;
    struct order_business *businesses;
    struct uuid before;
    size_t count;
    TRY(order_cursor_read(request, query->has_after, query->after, &before));
    TRY(business_store_list(request, status, before, (int64_t)limit + 1, &businesses, &count));
    ret_reply->data = businesses;
    ret_reply->has_more = ret_reply->has_next = count > limit;
    ret_reply->data_count = ret_reply->has_more ? limit : count;
    if (ret_reply->has_more)
        ret_reply->next = order_cursor_write(request, businesses[limit - 1].user_id);
    return STATUS_OK;
}

static enum status decide(struct request *request, struct uuid user_id, struct versions versions,
                          enum order_business_status status, struct text reason,
                          struct order_business *ret_reply)
{
    TRY(business_store_find(request, user_id, ret_reply));
    if (!versions_have(versions, ret_reply->version)) return STATUS_PRECONDITION_FAILED;
    ret_reply->status = status;
    ret_reply->has_reason = status == ORDER_BUSINESS_STATUS_REFUSED;
    ret_reply->reason = reason;
    ret_reply->version++;
    ret_reply->updated_at_us = request_now_us(request);
    business_store_save(request, ret_reply);
    return STATUS_OK;
}

enum status order_handle_verify_business(struct request *request,
                                         const struct order_verify_business *command,
                                         struct order_business *ret_reply)
{
    return decide(request, command->user_id, VERSIONS_OF(command), ORDER_BUSINESS_STATUS_VERIFIED,
                  TEXT(""), ret_reply);
}

enum status order_handle_refuse_business(struct request *request,
                                         const struct order_refuse_business *command,
                                         struct order_business *ret_reply)
{
    return decide(request, command->user_id, VERSIONS_OF(command), ORDER_BUSINESS_STATUS_REFUSED,
                  command->reason, ret_reply);
}
