/* Ids that carry their shard, money with checked arithmetic, and RFC 3339: pure functions over
 * values. */
#include "messages/values.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
    SHARD_MASK = SHARD_COUNT - 1,
    PREFIX_MAX = 4,
    BASE32_LENGTH = 26,
    CURRENCY_STRIDE = 4,
    CURRENCY_DIGITS_MAX = 4
};

static_assert(PREFIX_MAX + 1 + BASE32_LENGTH == ID_TEXT_MAX, "the longest prefix");
static_assert((SHARD_COUNT & SHARD_MASK) == 0, "the shard is the last bits of an id");

/* Crockford's alphabet in lower case, as TypeID 0.3 uses it. */
static const char base32_alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

static struct uuid with_shard(struct uuid id, unsigned shard)
{
    assert(shard < SHARD_COUNT);
    id.bytes[15] = (uint8_t)((id.bytes[15] & (0xffu ^ SHARD_MASK)) | shard);
    return id;
}

/* RFC 9562, section 5.7: milliseconds, version 7, variant, and the rest random but for the last 6
 * bits, which are the shard. */
struct uuid uuid_make(int64_t real_us, const uint8_t random[10], unsigned shard)
{
    assert(real_us >= 0);
    assert(random != NULL);
    struct uuid id;
    const uint64_t milliseconds = (uint64_t)real_us / 1000;
    for (unsigned i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)(milliseconds >> (40 - 8 * i));
    memcpy(&id.bytes[6], random, 10);
    id.bytes[6] = (uint8_t)((id.bytes[6] & 0x0f) | 0x70);
    id.bytes[8] = (uint8_t)((id.bytes[8] & 0x3f) | 0x80);
    return with_shard(id, shard);
}

unsigned uuid_shard(struct uuid id)
{
    return id.bytes[15] & SHARD_MASK;
}

bool uuid_equals(struct uuid a, struct uuid b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

bool uuid_is_zero(struct uuid id)
{
    return uuid_equals(id, (struct uuid){ 0 });
}

int uuid_compare(struct uuid a, struct uuid b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes);
}

size_t id_format(const char *prefix, struct uuid id, char ret_text[ID_TEXT_MAX + 1])
{
    assert(prefix != NULL);
    const size_t head = strnlen(prefix, PREFIX_MAX + 1);
    assert(head > 0 && head <= PREFIX_MAX);
    const size_t length = head + 1 + BASE32_LENGTH;
    unsigned __int128 value = 0;
    for (size_t i = 0; i < sizeof id.bytes; i++)
        value = value << 8 | id.bytes[i];
    memcpy(ret_text, prefix, head);
    ret_text[head] = '_';
    for (size_t i = length; i > head + 1; i--) {
        ret_text[i - 1] = base32_alphabet[value & 31];
        value >>= 5;
    }
    ret_text[length] = '\0';
    return length;
}

enum status id_parse(struct text text, const char *prefix, struct uuid *ret_id)
{
    assert(prefix != NULL);
    const size_t head = strnlen(prefix, PREFIX_MAX + 1);
    assert(head > 0 && head <= PREFIX_MAX);
    if (text.length != head + 1 + BASE32_LENGTH) return STATUS_MALFORMED;
    if (memcmp(text.data, prefix, head) != 0) return STATUS_MALFORMED;
    if (text.data[head] != '_') return STATUS_MALFORMED;
    /* 26 characters hold 130 bits; the first may only carry three. */
    if (text.data[head + 1] > '7') return STATUS_MALFORMED;
    unsigned __int128 value = 0;
    for (size_t i = head + 1; i < text.length; i++) {
        const char *found = text.data[i] == '\0' ? NULL : strchr(base32_alphabet, text.data[i]);
        if (found == NULL) return STATUS_MALFORMED;
        value = value << 5 | (unsigned)(found - base32_alphabet);
    }
    for (size_t i = sizeof ret_id->bytes; i > 0; i--) {
        ret_id->bytes[i - 1] = (uint8_t)value;
        value >>= 8;
    }
    return STATUS_OK;
}

/* SipHash with a key of zeros: placement must be the same on every node and for ever, and needs no
 * secrecy. */
unsigned shard_of_text(struct text text)
{
    static const unsigned char zero_key[crypto_shorthash_KEYBYTES];
    unsigned char hash[crypto_shorthash_BYTES];
    crypto_shorthash(hash, (const unsigned char *)text.data, text.length, zero_key);
    /* The result is little-endian, so its first byte holds the low bits. */
    return hash[0] & SHARD_MASK;
}

static void add_number(crypto_generichash_state *state, uint64_t number)
{
    unsigned char bytes[8];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(number >> (8 * i));
    crypto_generichash_update(state, bytes, sizeof bytes);
}

/* The digest spreads keys evenly; only its last 6 bits are given by the shard. */
struct uuid key_of_text(struct text text)
{
    struct uuid id;
    crypto_generichash(id.bytes, sizeof id.bytes, (const unsigned char *)text.data, text.length,
                       NULL, 0);
    return with_shard(id, shard_of_text(text));
}

/* Fixed-width numbers in little-endian, so that no two inputs spell the same bytes. */
struct uuid uuid_derive(struct uuid parent, uint64_t number)
{
    struct uuid id;
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof id.bytes);
    crypto_generichash_update(&state, parent.bytes, sizeof parent.bytes);
    add_number(&state, number);
    crypto_generichash_final(&state, id.bytes, sizeof id.bytes);
    return id;
}

struct uuid uuid_derive_named(struct uuid parent, struct text name, uint64_t number)
{
    struct uuid id;
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof id.bytes);
    crypto_generichash_update(&state, parent.bytes, sizeof parent.bytes);
    add_number(&state, number);
    crypto_generichash_update(&state, (const unsigned char *)name.data, name.length);
    crypto_generichash_final(&state, id.bytes, sizeof id.bytes);
    return with_shard(id, uuid_shard(parent));
}

/* ISO 4217 by minor unit, each list sorted. Codes without one (gold, test codes) are no money here.
 */
static const char no_digits[] =
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ";
static const char two_digits[] =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN "
    "BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
    "GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP "
    "LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR "
    "NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
    "SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER "
    "ZAR ZMW ZWG ";
static const char three_digits[] = "BHD IQD JOD KWD LYD OMR TND ";
static const char four_digits[] = "CLF UYW ";

/* Binary search in a text of fixed stride: no table to build, no pointers to relocate. */
static bool list_holds(const char *list, size_t size, const char *currency)
{
    size_t low = 0, high = size / CURRENCY_STRIDE;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = memcmp(&list[middle * CURRENCY_STRIDE], currency, 3);
        if (order == 0) return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

int currency_exponent(const char *currency)
{
    if (currency == NULL || strnlen(currency, CURRENCY_STRIDE) != 3) return -1;
    if (list_holds(two_digits, sizeof two_digits, currency)) return 2;
    if (list_holds(no_digits, sizeof no_digits, currency)) return 0;
    if (list_holds(three_digits, sizeof three_digits, currency)) return 3;
    return list_holds(four_digits, sizeof four_digits, currency) ? 4 : -1;
}

struct money money_make(int64_t amount, const char *currency)
{
    assert(currency != NULL && strlen(currency) == 3);
    struct money money = { .amount = amount };
    memcpy(money.currency, currency, 3);
    return money;
}

/* The sign apart: the remainder of a negative amount would carry it behind the point. */
size_t money_format(struct money money, char ret_text[MONEY_TEXT_MAX + 1])
{
    uint64_t amount = money.amount < 0 ? -(uint64_t)money.amount : (uint64_t)money.amount;
    const int digits = currency_exponent(money.currency);
    assert(digits <= CURRENCY_DIGITS_MAX);
    char fraction[1 + CURRENCY_DIGITS_MAX + 1] = "";
    if (digits > 0) fraction[0] = '.';
    for (int i = digits; i > 0; i--, amount /= 10)
        fraction[i] = (char)('0' + amount % 10);
    const int length =
        snprintf(ret_text, MONEY_TEXT_MAX + 1, "%s%llu%s %.3s", money.amount < 0 ? "-" : "",
                 (unsigned long long)amount, fraction, money.currency);
    assert(length > 0 && length <= MONEY_TEXT_MAX);
    return (size_t)length;
}

bool money_same_currency(struct money a, struct money b)
{
    return strncmp(a.currency, b.currency, sizeof a.currency) == 0;
}

bool money_equals(struct money a, struct money b)
{
    return a.amount == b.amount && money_same_currency(a, b);
}

/* Sums of different currencies mean nothing, and an overflow is refused instead of wrapping. */
enum status money_add(struct money a, struct money b, struct money *ret_sum)
{
    int64_t amount;
    if (!money_same_currency(a, b)) return STATUS_INVALID_VALUE;
    if (__builtin_add_overflow(a.amount, b.amount, &amount)) return STATUS_OUT_OF_RANGE;
    *ret_sum = a;
    ret_sum->amount = amount;
    return STATUS_OK;
}

enum status money_subtract(struct money a, struct money b, struct money *ret_difference)
{
    int64_t amount;
    if (!money_same_currency(a, b)) return STATUS_INVALID_VALUE;
    if (__builtin_sub_overflow(a.amount, b.amount, &amount)) return STATUS_OUT_OF_RANGE;
    *ret_difference = a;
    ret_difference->amount = amount;
    return STATUS_OK;
}

enum status money_multiply(struct money a, int64_t factor, struct money *ret_product)
{
    int64_t amount;
    if (__builtin_mul_overflow(a.amount, factor, &amount)) return STATUS_OUT_OF_RANGE;
    *ret_product = a;
    ret_product->amount = amount;
    return STATUS_OK;
}

/* Which part is next for a left-over unit: the largest remainder below the previous one, ties in
 * order. */
struct remainder_turn {
    __int128 remainder;
    size_t index;
};

static __int128 remainder_of(int64_t total, int64_t weight, __int128 sum)
{
    const __int128 remainder = (__int128)total * weight % sum;
    return remainder < 0 ? -remainder : remainder;
}

static struct remainder_turn next_turn(int64_t total, const int64_t *weights, size_t count,
                                       __int128 sum, struct remainder_turn last)
{
    struct remainder_turn best = { .remainder = -1 };
    for (size_t i = 0; i < count; i++) {
        const __int128 remainder = remainder_of(total, weights[i], sum);
        const bool is_after =
            remainder < last.remainder || (remainder == last.remainder && i > last.index);
        if (is_after && remainder > best.remainder)
            best = (struct remainder_turn){ .remainder = remainder, .index = i };
    }
    return best;
}

/* Largest remainder: first what each part is due rounded down, then one unit each to the parts that
 * lost most by rounding, so that the parts add up to the total exactly. */
enum status money_allocate(struct money total, const int64_t *weights, size_t count,
                           int64_t *ret_amounts)
{
    __int128 sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (weights[i] < 0) return STATUS_OUT_OF_RANGE;
        sum += weights[i];
    }
    if (sum == 0) return STATUS_OUT_OF_RANGE;

    __int128 left = total.amount;
    for (size_t i = 0; i < count; i++) {
        ret_amounts[i] = (int64_t)((__int128)total.amount * weights[i] / sum);
        left -= ret_amounts[i];
    }
    const int64_t unit = left < 0 ? -1 : 1;
    struct remainder_turn turn = { .remainder = sum };
    for (; left != 0; left -= unit) {
        turn = next_turn(total.amount, weights, count, sum, turn);
        assert(turn.remainder > 0);
        ret_amounts[turn.index] += unit;
    }
    return STATUS_OK;
}

/* amount * factor / divisor, rounded down. A quotient of 128 bits costs ten times one of 64, and
 * most products of prices fit. Statuses: OK, OUT_OF_RANGE. */
static enum status divide(int64_t amount, int64_t factor, int64_t divisor, int64_t *ret_quotient,
                          int64_t *ret_remainder)
{
    int64_t product;
    if (!__builtin_mul_overflow(amount, factor, &product)) {
        *ret_quotient = product / divisor;
        *ret_remainder = product % divisor;
        return STATUS_OK;
    }
    const __int128 wide = (__int128)amount * factor, quotient = wide / divisor;
    if (quotient > INT64_MAX) return STATUS_OUT_OF_RANGE;
    *ret_quotient = (int64_t)quotient;
    *ret_remainder = (int64_t)(wide - quotient * divisor);
    return STATUS_OK;
}

enum status amount_scale(int64_t amount, int64_t factor, int64_t divisor, int64_t *ret_scaled,
                         int64_t *ret_remainder)
{
    assert(amount >= 0);
    assert(factor >= 0);
    assert(divisor > 0);
    int64_t scaled, remainder;
    TRY(divide(amount, factor, divisor, &scaled, &remainder));
    if (remainder >= divisor - remainder) {
        if (scaled == INT64_MAX) return STATUS_OUT_OF_RANGE;
        scaled++;
        remainder -= divisor;
    }
    *ret_scaled = scaled;
    *ret_remainder = remainder;
    return STATUS_OK;
}

/* The sum of weights, none of them negative, that fits. Statuses: OK, OUT_OF_RANGE. */
static enum status sum_weights(const int64_t *weights, size_t count, int64_t *ret_sum)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        if (weights[i] < 0 || __builtin_add_overflow(sum, weights[i], &sum))
            return STATUS_OUT_OF_RANGE;
    *ret_sum = sum;
    return STATUS_OK;
}

/* The same rule as in money_allocate(), with the remainders at hand: whoever gets a left-over unit
 * has more than the exact share, and a remainder below all others. */
enum status amount_allocate(int64_t total, const int64_t *weights, size_t count,
                            int64_t *ret_amounts, int64_t *ret_remainders)
{
    assert(total >= 0);
    int64_t sum, left = total;
    TRY(sum_weights(weights, count, &sum));
    if (sum == 0 && total > 0) return STATUS_OUT_OF_RANGE;
    /* Shares of nothing among weights of nothing: any divisor will do. */
    const int64_t divisor = sum == 0 ? 1 : sum;
    for (size_t i = 0; i < count; i++) {
        TRY(divide(total, weights[i], divisor, &ret_amounts[i], &ret_remainders[i]));
        left -= ret_amounts[i];
    }
    for (; left > 0; left--) {
        size_t best = 0;
        for (size_t i = 1; i < count; i++)
            if (ret_remainders[i] > ret_remainders[best]) best = i;
        assert(ret_remainders[best] > 0);
        ret_amounts[best]++;
        ret_remainders[best] -= divisor;
    }
    return STATUS_OK;
}

struct text coding_name(enum coding coding)
{
    static const char *const names[] = {
        [CODING_ZSTD] = "zstd",
        [CODING_BR] = "br",
        [CODING_GZIP] = "gzip",
        [CODING_NONE] = "",
    };
    assert((size_t)coding < ARRAY_LENGTH(names));
    return text_of(names[coding]);
}

struct text tag_without_coding(struct text tag)
{
    for (int i = 0; i < CODING_COUNT; i++) {
        const struct text name = coding_name((enum coding)i);
        if (tag.length <= name.length) continue;
        const size_t length = tag.length - name.length - 1;
        const struct text end = { tag.data + length + 1, name.length };
        if (tag.data[length] == '-' && text_equals(end, name))
            return (struct text){ tag.data, length };
    }
    return tag;
}

bool versions_have(struct versions versions, int64_t version)
{
    assert(versions.count == 0 || versions.list != NULL);
    for (size_t i = 0; i < versions.count; i++)
        if (versions.list[i] == version) return true;
    return versions.count == 0;
}
