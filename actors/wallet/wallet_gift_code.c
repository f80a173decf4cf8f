/* What codes of gift cards are made of. */
#include "actors/wallet/wallet_gift_code.h"

#include <string.h>

/* Digits and capitals without those that look alike: 0 and O; 1, I and L. There are 31, a prime: a
 * weighted sum modulo a prime changes with every wrong character and with every two that changed
 * places. */
static const char alphabet[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
enum { ALPHABET = sizeof alphabet - 1, GROUP = 4 };
static_assert(ALPHABET == 31, "the check needs a prime, greater than every weight");
static_assert(GIFT_CODE_DRAWN + 1 < ALPHABET, "weights differ modulo the prime");

static int value_of(char character)
{
    const char *found = character == '\0' ? NULL : strchr(alphabet, character);
    return found == NULL ? -1 : (int)(found - alphabet);
}

/* Weights 2 to 17 for the characters, 1 for the check: all together is 0. */
static char check_of(const char *characters)
{
    int sum = 0;
    for (int i = 0; i < GIFT_CODE_DRAWN; i++)
        sum += (i + 2) * value_of(characters[i]);
    return alphabet[(ALPHABET - sum % ALPHABET) % ALPHABET];
}

struct gift_code gift_code_make(const uint32_t random[GIFT_CODE_DRAWN])
{
    struct gift_code code = { { 0 } };
    for (size_t i = 0; i < GIFT_CODE_DRAWN; i++)
        code.characters[i] = alphabet[random[i] % ALPHABET];
    code.characters[GIFT_CODE_DRAWN] = check_of(code.characters);
    return code;
}

static char upper(char character)
{
    return character >= 'a' && character <= 'z' ? (char)(character - 'a' + 'A') : character;
}

bool gift_code_read(struct text typed, struct gift_code *ret_code)
{
    struct gift_code code = { { 0 } };
    size_t length = 0;
    for (size_t i = 0; i < typed.length; i++) {
        const char character = upper(typed.data[i]);
        if (character == ' ' || character == '-' || character == '\t') continue;
        if (value_of(character) < 0 || length == GIFT_CODE_LENGTH) return false;
        code.characters[length++] = character;
    }
    if (length != GIFT_CODE_LENGTH) return false;
    if (code.characters[GIFT_CODE_DRAWN] != check_of(code.characters)) return false;
    *ret_code = code;
    return true;
}

size_t gift_code_format(const struct gift_code *code, char ret_text[GIFT_CODE_TEXT_MAX + 1])
{
    size_t length = 0;
    for (size_t i = 0; i < GIFT_CODE_LENGTH; i++) {
        if (i > 0 && i % GROUP == 0) ret_text[length++] = '-';
        ret_text[length++] = code->characters[i];
    }
    assert(length == GIFT_CODE_TEXT_MAX);
    ret_text[length] = '\0';
    return length;
}

struct text gift_code_last4(const struct gift_code *code)
{
    return (struct text){ code->characters + GIFT_CODE_LENGTH - GIFT_CODE_LAST, GIFT_CODE_LAST };
}

struct uuid gift_card_id(const uint8_t digest[GIFT_DIGEST_BYTES])
{
    struct uuid id;
    memcpy(id.bytes, digest, sizeof id.bytes);
    id.bytes[6] = (uint8_t)(0x80 | (id.bytes[6] & 0x0f));
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
    return id;
}

struct uuid gift_card_entry_id(struct uuid wallet_id, struct uuid card_id)
{
    char name[sizeof card_id.bytes];
    memcpy(name, card_id.bytes, sizeof name);
    return uuid_derive_named(wallet_id, (struct text){ name, sizeof name }, 0);
}
