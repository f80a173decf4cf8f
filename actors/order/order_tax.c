/* Rates of tax, as staff sees and enters them. */
#include <string.h>

#include "actors/order/order_cursor.h"
#include "actors/order/tax_rate_rules.h"
#include "actors/order/tax_rate_store.h"
#include "order_handlers.h"

enum status order_handle_list_tax_rates(struct request *request,
                                        const struct order_list_tax_rates *query,
                                        struct order_tax_rate_page *ret_reply)
{
    const size_t limit = (size_t)(query->has_limit ? query->limit : ORDER_PAGE_DEFAULT);
    struct uuid before;
    size_t count;
    TRY(order_cursor_read(request, query->has_after, query->after, &before));
    TRY(tax_rate_store_list(request, query->has_country ? query->country : TEXT(""), before,
                            (int64_t)limit + 1, &ret_reply->data, &count));
    ret_reply->has_more = ret_reply->has_next = count > limit;
    ret_reply->data_count = ret_reply->has_more ? limit : count;
    if (ret_reply->has_more)
        ret_reply->next = order_cursor_write(request, ret_reply->data[limit - 1].id);
    return STATUS_OK;
}

enum status order_handle_get_tax_rate(struct request *request,
                                      const struct order_get_tax_rate *query,
                                      struct order_tax_rate *ret_reply)
{
    return tax_rate_store_find(request, query->rate_id, ret_reply);
}

static enum status check(struct request *request, struct order_tax_rate *rate)
{
    const struct tax_rate_fault fault = tax_rate_normalise(rate);
    if (fault.pointer == NULL) return STATUS_OK;
    return request_refuse(request, fault.pointer, STATUS_INVALID_VALUE, fault.why);
}

enum status order_handle_add_tax_rate(struct request *request,
                                      const struct order_add_tax_rate *command,
                                      struct order_tax_rate *ret_reply)
{
    const int64_t now_us = request_now_us(request);
    struct order_tax_rate rate = {
        .id = request_new_id(request),
        .name = command->name,
        .has_country = command->has_country,
        .country = command->country,
        .has_region = command->has_region,
        .region = command->region,
        .tax_class = command->tax_class,
        .rate_ppm = command->rate_ppm,
        .has_exempts_businesses = command->has_exempts_businesses && command->exempts_businesses,
        .exempts_businesses = command->has_exempts_businesses && command->exempts_businesses,
        .starts_at_us = command->has_starts_at ? command->starts_at_us : now_us,
        .has_ends_at = command->has_ends_at,
        .ends_at_us = command->ends_at_us,
        .created_at_us = now_us,
        .version = 1,
    };
    int64_t count;
    TRY(check(request, &rate));
    TRY(tax_rate_store_count(request, rate.has_country ? rate.country : TEXT(""), &count));
    if (count >= TAX_RATES_OF_COUNTRY_MAX)
        return request_refuse_full(request, "/country", STATUS_TOO_MANY_TAX_RATES,
                                   TAX_RATES_OF_COUNTRY_MAX, NULL);
    tax_rate_store_add(request, &rate);
    request_audit(request, "txr", rate.id, (struct text){ 0 });
    *ret_reply = rate;
    return STATUS_OK;
}

/* The version is compared before anything is changed, so that nobody overwrites what he has not
 * seen. */
static enum status find_for_change(struct request *request, struct uuid rate_id,
                                   struct versions versions, struct order_tax_rate *ret_rate)
{
    TRY(tax_rate_store_find(request, rate_id, ret_rate));
    if (!versions_have(versions, ret_rate->version)) return STATUS_PRECONDITION_FAILED;
    request_audit(request, "txr", rate_id, (struct text){ 0 });
    return STATUS_OK;
}

enum status order_handle_change_tax_rate(struct request *request,
                                         const struct order_change_tax_rate *command,
                                         struct order_tax_rate *ret_reply)
{
    struct order_tax_rate rate;
    const char *pointer;
    TRY(find_for_change(request, command->rate_id, VERSIONS_OF(command), &rate));
    if (tax_rate_change(&rate, command, request_now_us(request), &pointer) != STATUS_OK)
        return request_refuse(request, pointer, STATUS_TAX_RATE_IN_FORCE, NULL);
    TRY(check(request, &rate));
    rate.version++;
    tax_rate_store_save(request, &rate);
    *ret_reply = rate;
    return STATUS_OK;
}

enum status order_handle_remove_tax_rate(struct request *request,
                                         const struct order_remove_tax_rate *command)
{
    struct order_tax_rate rate;
    TRY(find_for_change(request, command->rate_id, VERSIONS_OF(command), &rate));
    TRY(tax_rate_check_removal(&rate, request_now_us(request)));
    tax_rate_store_remove(request, &rate);
    return STATUS_OK;
}
