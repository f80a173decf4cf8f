/* Codes of gift cards: 16 characters and one more by which typing errors are noticed. Pure. */
#pragma once

#include "messages/values.h"

enum {
    GIFT_CODE_DRAWN = 16, /* characters that nobody can guess, nearly five bits each */
    GIFT_CODE_LENGTH = GIFT_CODE_DRAWN + 1,
    GIFT_CODE_TEXT_MAX = GIFT_CODE_LENGTH + 4, /* with hyphens */
    GIFT_CODE_LAST = 4,
    GIFT_DIGEST_BYTES = 32,
};

/* A code as it is digested: capitals and digits, and a NUL. */
struct gift_code {
    char characters[GIFT_CODE_LENGTH + 1];
};

/* The code that these random numbers make. */
struct gift_code gift_code_make(const uint32_t random[GIFT_CODE_DRAWN]);
/* What somebody typed, in any case, with or without spaces and hyphens. False: it cannot be a code;
 * any one wrong character and any two that changed places are noticed. */
bool gift_code_read(struct text typed, struct gift_code *ret_code);
/* Writes "H7QK-2MWD-9XPC-4TJB-V" and a NUL; returns the length. */
size_t gift_code_format(const struct gift_code *code, char ret_text[GIFT_CODE_TEXT_MAX + 1]);
/* The last characters, by which people tell cards apart; a view of the code. */
struct text gift_code_last4(const struct gift_code *code);
/* The id of a card, which follows from its digest: a UUID of version 8 (RFC 9562), in some shard.
 */
struct uuid gift_card_id(const uint8_t digest[GIFT_DIGEST_BYTES]);
/* The entry that puts a card into a wallet. */
struct uuid gift_card_entry_id(struct uuid wallet_id, struct uuid card_id);
