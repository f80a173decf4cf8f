/* Tokens of guests in answers and mails. */
#include "actors/order/order_token.h"

#include "actors/host/mail_token.h"
#include "runtime/secret.h"

void order_add_token(struct request *request, bool is_guests, struct order_group *group)
{
    if (!is_guests) return;
    group->has_token = true;
    group->token = guest_token(request, GUEST_TOKEN_GROUP, group->id);
}

struct text order_claim_token(struct request *request, struct uuid group_id)
{
    return mail_token_make(request, DOMAIN_ORDER, group_id);
}

enum status order_claim_parse(struct request *request, struct text token, struct uuid *ret_group_id)
{
    return mail_token_read(request, DOMAIN_ORDER, token, ret_group_id);
}

bool order_is_readable(struct request *request, struct uuid user_id, struct uuid group_id,
                       struct text token)
{
    const struct principal *principal = request_principal(request);
    /* What belongs to an account opens for the account only, even to those who still have a token
     * from before it was claimed. */
    if (!uuid_is_zero(user_id))
        return principal->kind == PRINCIPAL_SHOPPER && uuid_equals(principal->id, user_id);
    return guest_token_is_good(request, GUEST_TOKEN_GROUP, group_id, token) ||
           secret_equals(token, order_claim_token(request, group_id));
}
