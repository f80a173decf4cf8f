/* Asks the user domain whether an account may still order. */
#include "actors/order/draft_customer.h"

#include "user_messages.h"

enum status draft_find_active(struct request *request, struct uuid user_id, bool *ret_is_active)
{
    const struct user_get_shopper_standing query = { .user_id = user_id };
    struct user_shopper_standing standing;
    const enum status found =
        request_ask(request, &user_get_shopper_standing_message, &query, &standing);
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) return found;
    *ret_is_active = found == STATUS_OK && standing.is_active;
    return STATUS_OK;
}

enum status draft_require_active(struct request *request, const char *pointer, struct uuid user_id)
{
    bool is_active;
    TRY(draft_find_active(request, user_id, &is_active));
    return is_active ? STATUS_OK : request_refuse(request, pointer, STATUS_CUSTOMER_INACTIVE, NULL);
}
