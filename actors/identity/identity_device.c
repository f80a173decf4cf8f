/* Tokens of devices: made of a key of the market, and compared in constant time. */
#include "actors/identity/identity_device.h"

#include <string.h>

#include "messages/credential.h"
#include "messages/email_form.h"
#include "runtime/secret.h"

enum { UUID_BYTES = 16 };

static const char prefix[] = "dev";

static void make_secret(struct request *request, struct text email, struct uuid id,
                        uint8_t ret_secret[CREDENTIAL_SECRET_BYTES])
{
    uint8_t key[SECRET_KEY_BYTES];
    char message[1 + UUID_BYTES + EMAIL_MAX];
    assert(email.length <= EMAIL_MAX);
    message[0] = (char)request_domain(request);
    memcpy(message + 1, id.bytes, UUID_BYTES);
    memcpy(message + 1 + UUID_BYTES, email.data, email.length);
    request_derive_key(request, "souk device", key);
    secret_digest_keyed(key, (struct text){ message, 1 + UUID_BYTES + email.length }, ret_secret,
                        CREDENTIAL_SECRET_BYTES);
    secret_wipe(key, sizeof key);
}

struct text identity_device_make(struct request *request, struct text email, struct uuid id)
{
    uint8_t secret[CREDENTIAL_SECRET_BYTES];
    if (uuid_is_zero(id)) id = request_new_root_id(request);
    make_secret(request, email, id, secret);
    const struct text token = credential_write(request_arena(request), prefix, id, secret);
    secret_wipe(secret, sizeof secret);
    return token;
}

bool identity_device_read(struct request *request, struct text token, struct text email,
                          struct uuid *ret_id)
{
    assert(ret_id != NULL);
    struct uuid id;
    uint8_t sent[CREDENTIAL_SECRET_BYTES], secret[CREDENTIAL_SECRET_BYTES];
    if (credential_read(token, prefix, &id, sent) != STATUS_OK) return false;
    make_secret(request, email, id, secret);
    const bool is_good = secret_equals((struct text){ (const char *)sent, sizeof sent },
                                       (struct text){ (const char *)secret, sizeof secret });
    secret_wipe(secret, sizeof secret);
    if (is_good) *ret_id = id;
    return is_good;
}
