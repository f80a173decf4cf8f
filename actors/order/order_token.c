/* Tokens of guests: keyed digests, compared in constant time. */
#include "actors/order/order_token.h"

#include "actors/host/mail_token.h"
#include "runtime/secret.h"

enum { TOKEN_BYTES = 32 };

struct text order_token(struct request *request, enum order_token_kind kind, struct uuid id)
{
    static const char *const contexts[] = {
        [ORDER_TOKEN_CART] = "souk guest cart", [ORDER_TOKEN_GROUP] = "souk guest order"
    };
    assert((size_t)kind < ARRAY_LENGTH(contexts));
    uint8_t key[SECRET_KEY_BYTES], digest[TOKEN_BYTES];
    request_derive_key(request, contexts[kind], key);
    secret_digest_keyed(key, (struct text){ (const char *)id.bytes, sizeof id.bytes }, digest,
                        sizeof digest);
    const struct text token = base64url_encode(
        request_arena(request), (struct text){ (const char *)digest, sizeof digest });
    secret_wipe(key, sizeof key);
    secret_wipe(digest, sizeof digest);
    return token;
}

bool order_token_is_good(struct request *request, enum order_token_kind kind, struct uuid id,
                         struct text token)
{
    return secret_equals(token, order_token(request, kind, id));
}

void order_add_token(struct request *request, bool is_guests, struct order_group *group)
{
    if (!is_guests) return;
    group->has_token = true;
    group->token = order_token(request, ORDER_TOKEN_GROUP, group->id);
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
    return order_token_is_good(request, ORDER_TOKEN_GROUP, group_id, token) ||
           secret_equals(token, order_claim_token(request, group_id));
}
