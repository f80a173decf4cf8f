/* Tokens of guests: keyed digests, compared in constant time. */
#include "actors/host/guest_token.h"

#include "runtime/secret.h"

enum { TOKEN_BYTES = 32 };

struct text guest_token(struct request *request, enum guest_token_kind kind, struct uuid id)
{
    static const char *const contexts[] = {
        [GUEST_TOKEN_CART] = "souk guest cart", [GUEST_TOKEN_GROUP] = "souk guest order"
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

bool guest_token_is_good(struct request *request, enum guest_token_kind kind, struct uuid id,
                         struct text token)
{
    return secret_equals(token, guest_token(request, kind, id));
}
