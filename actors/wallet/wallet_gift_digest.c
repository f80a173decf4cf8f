/* Keyed digests of codes. */
#include "actors/wallet/wallet_gift_digest.h"

#include "runtime/secret.h"

void gift_code_digest(const struct request *request, const struct gift_code *code,
                      uint8_t ret_digest[GIFT_DIGEST_BYTES])
{
    uint8_t key[SECRET_KEY_BYTES];
    request_derive_key(request, "souk gift card", key);
    secret_digest_keyed(key, (struct text){ code->characters, GIFT_CODE_LENGTH }, ret_digest,
                        GIFT_DIGEST_BYTES);
    secret_wipe(key, sizeof key);
}
