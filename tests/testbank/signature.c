/* Signatures of events. */
#include "tests/testbank/signature.h"

#include <assert.h>
#include <sodium.h>

enum { SIGNATURE_MAX = 512 };

struct text signature_of(struct arena *arena, const char *const *secrets, size_t count,
                         int64_t time_s, struct text body)
{
    assert(count > 0);
    struct text_builder builder;
    text_builder_init(&builder, arena, SIGNATURE_MAX);
    text_builder_add(&builder, TEXT("t="));
    text_builder_add_int(&builder, time_s);
    const struct text stamp = text_format(arena, "%lld.", (long long)time_s);
    for (size_t i = 0; i < count; i++) {
        crypto_auth_hmacsha256_state state;
        const struct text secret = text_of(secrets[i]);
        crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret.data, secret.length);
        crypto_auth_hmacsha256_update(&state, (const unsigned char *)stamp.data, stamp.length);
        crypto_auth_hmacsha256_update(&state, (const unsigned char *)body.data, body.length);
        unsigned char mac[crypto_auth_hmacsha256_BYTES];
        crypto_auth_hmacsha256_final(&state, mac);
        char hex[2 * sizeof mac + 1];
        (void)sodium_bin2hex(hex, sizeof hex, mac, sizeof mac);
        text_builder_add(&builder, TEXT(",v1="));
        text_builder_add(&builder, text_of(hex));
    }
    assert(!builder.is_full);
    return text_builder_view(&builder);
}
