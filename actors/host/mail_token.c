/* Tokens of messages: made of a key of the market, and compared in constant time. */
#include "actors/host/mail_token.h"

#include <string.h>

#include "messages/credential.h"
#include "runtime/secret.h"

enum { UUID_BYTES = 16 };

static const char prefix[] = "tic";
/* What the keys are for. */
static const char for_tokens[] = "souk ticket", for_codes[] = "souk code";

static void make_secret(struct request *request, const char *context, enum domain domain,
                        struct uuid id, uint8_t ret_secret[CREDENTIAL_SECRET_BYTES])
{
    uint8_t key[SECRET_KEY_BYTES];
    char message[1 + UUID_BYTES];
    static_assert(DOMAIN_LIMIT <= UINT8_MAX, "a domain is one byte");
    message[0] = (char)domain;
    memcpy(message + 1, id.bytes, UUID_BYTES);
    request_derive_key(request, context, key);
    secret_digest_keyed(key, (struct text){ message, sizeof message }, ret_secret,
                        CREDENTIAL_SECRET_BYTES);
    secret_wipe(key, sizeof key);
}

struct text mail_token_make(struct request *request, enum domain domain, struct uuid id)
{
    assert((unsigned)domain < DOMAIN_LIMIT);
    uint8_t secret[CREDENTIAL_SECRET_BYTES];
    make_secret(request, for_tokens, domain, id, secret);
    const struct text token = credential_write(request_arena(request), prefix, id, secret);
    secret_wipe(secret, sizeof secret);
    return token;
}

static bool read_id(struct request *request, enum domain domain, struct text token,
                    struct uuid *ret_id)
{
    uint8_t sent[CREDENTIAL_SECRET_BYTES], secret[CREDENTIAL_SECRET_BYTES];
    if (credential_read(token, prefix, ret_id, sent) != STATUS_OK) return false;
    make_secret(request, for_tokens, domain, *ret_id, secret);
    const bool is_good = secret_equals((struct text){ (const char *)sent, sizeof sent },
                                       (struct text){ (const char *)secret, sizeof secret });
    secret_wipe(secret, sizeof secret);
    return is_good;
}

bool mail_token_is_ours(struct request *request, enum domain domain, struct text token)
{
    assert((unsigned)domain < DOMAIN_LIMIT);
    struct uuid id;
    return read_id(request, domain, token, &id);
}

enum status mail_token_read(struct request *request, enum domain domain, struct text token,
                            struct uuid *ret_id)
{
    assert((unsigned)domain < DOMAIN_LIMIT);
    struct uuid id;
    if (read_id(request, domain, token, &id)) {
        *ret_id = id;
        return STATUS_OK;
    }
    request_add_fault(
        request, &(struct request_fault){ .pointer = "/token", .code = STATUS_INVALID_TICKET });
    return STATUS_INVALID_TICKET;
}

struct text mail_code_make(struct request *request, enum domain domain, struct uuid id)
{
    enum { CODES = 100000000 };
    assert((unsigned)domain < DOMAIN_LIMIT);
    uint8_t secret[CREDENTIAL_SECRET_BYTES];
    uint64_t number;
    make_secret(request, for_codes, domain, id, secret);
    memcpy(&number, secret, sizeof number);
    secret_wipe(secret, sizeof secret);
    return text_format(request_arena(request), "%08u", (unsigned)(number % CODES));
}
