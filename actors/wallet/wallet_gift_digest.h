/* What is kept in place of a gift card's code. */
#pragma once

#include "actors/host/request.h"
#include "actors/wallet/wallet_gift_code.h"

/* A digest under a key of the market, which neither rows nor backups of the database hold. */
void gift_code_digest(const struct request *request, const struct gift_code *code,
                      uint8_t ret_digest[GIFT_DIGEST_BYTES]);
