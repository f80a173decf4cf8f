/* The currencies of the market, from its settings. */
#include "actors/host/market_currency.h"

#include <string.h>

enum { CODE_LENGTH = 3 };

static bool is_separator(char byte)
{
    return byte == ',' || byte == ' ';
}

/* Codes separated by commas and spaces. */
static bool list_has(const char *list, struct text currency)
{
    const char *at = list;
    while (*at != '\0') {
        while (is_separator(*at))
            at++;
        size_t length = 0;
        while (at[length] != '\0' && !is_separator(at[length]))
            length++;
        if (text_equals((struct text){ at, length }, currency)) return true;
        at += length;
    }
    return false;
}

static bool is_iso(struct text currency)
{
    char code[CODE_LENGTH + 1] = "";
    if (currency.length != CODE_LENGTH) return false;
    memcpy(code, currency.data, CODE_LENGTH);
    return currency_exponent(code) >= 0;
}

bool market_is_own_currency(const struct config *config, struct text currency)
{
    return text_equals_string(currency, config_text(config, SETTING_MARKET_CURRENCY));
}

bool market_sells_in(const struct config *config, struct text currency)
{
    const char *others = config_text(config, SETTING_MARKET_CURRENCIES);
    if (!is_iso(currency)) return false;
    return others[0] == '\0' || market_is_own_currency(config, currency) ||
           list_has(others, currency);
}

/* "The market sells in EUR, USD and JPY.", whatever the list is separated by. */
static const char *list_sold(struct arena *arena, const char *own, const char *others)
{
    struct text sold = text_of(own), next = TEXT("");
    for (const char *at = others; *at != '\0';) {
        size_t length = 0;
        while (at[length] != '\0' && !is_separator(at[length]))
            length++;
        if (length > 0 && !text_equals_string((struct text){ at, length }, own)) {
            if (next.length > 0)
                sold = text_format(arena, "%.*s, %.*s", (int)sold.length, sold.data,
                                   (int)next.length, next.data);
            next = (struct text){ at, length };
        }
        at += length;
        while (is_separator(*at))
            at++;
    }
    return text_format(arena, "The market sells in %.*s%s%.*s.", (int)sold.length, sold.data,
                       next.length > 0 ? " and " : "", (int)next.length, next.data)
        .data;
}

enum status market_check_currency(struct request *request, const char *pointer, enum status code,
                                  struct text currency)
{
    const struct config *config = request_config(request);
    if (market_sells_in(config, currency)) return STATUS_OK;
    const char *others = config_text(config, SETTING_MARKET_CURRENCIES);
    if (others[0] == '\0')
        return request_refuse(request, pointer, code,
                              "A currency of ISO 4217 in capitals, such as EUR.");
    return request_refuse(
        request, pointer, code,
        list_sold(request_arena(request), config_text(config, SETTING_MARKET_CURRENCY), others));
}
