/* What no single source can decide: whether the values that won are within their limits, and fit
 * each other. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "runtime/config_internal.h"
#include "runtime/text_form.h"

enum { TEST_MEMORY_KIB = 8 };

/* What was said explicitly holds in test mode, too. */
static void config_apply_test_mode(struct config *config)
{
    struct config_value *memory = &config->values[SETTING_ARGON2_MEMORY_KIB];
    struct config_value *passes = &config->values[SETTING_ARGON2_PASSES];
    if (memory->source == SOURCE_DEFAULT) memory->number = TEST_MEMORY_KIB;
    if (passes->source == SOURCE_DEFAULT) passes->number = 1;
}

static enum status config_check_setting(struct config *config, enum setting setting)
{
    const struct setting_description *description = &config_settings[setting];
    const struct config_value *value = &config->values[setting];
    const bool is_test = config_bool(config, SETTING_TEST_MODE);
    int64_t min = description->min;
    /* Short lives; what may be 0 outside may be 0 here, too. */
    if (is_test && description->kind == DURATION && min > 1) min = 1;
    if (is_test && setting == SETTING_ARGON2_MEMORY_KIB) min = TEST_MEMORY_KIB;
    if (value->number >= min && value->number <= description->max) return STATUS_OK;
    const bool is_text =
        description->kind == TEXT || description->kind == PATH || description->kind == WORDS;
    return config_fail(config, STATUS_OUT_OF_RANGE, value->origin,
                       "%s: '%.100s' is not between %" PRId64 " and %" PRId64 " %s",
                       description->key, value->text, min, description->max,
                       is_text ? "bytes long" : description->unit);
}

/* A password is hashed in that much memory, of which a node must have more than one piece. */
static enum status config_check_memory(struct config *config)
{
    const int64_t hash_mib = config_int(config, SETTING_ARGON2_MEMORY_KIB) / 1024;
    if (2 * hash_mib <= config_int(config, SETTING_UP_MEMORY_MAX)) return STATUS_OK;
    return config_fail(config, STATUS_INVALID_VALUE,
                       config->values[SETTING_ARGON2_MEMORY_KIB].origin,
                       "argon2.memory_kib is more than half of up.memory_max");
}

/* Who is to pay must be told where to. */
static enum status config_check_payment(struct config *config)
{
    enum { REFUSED }; /* in the order of both settings: refused, never */
    if (config_int(config, SETTING_MARKET_TRANSFER_PAYMENT) == REFUSED &&
        config_int(config, SETTING_MARKET_INVOICE_PAYMENT) == REFUSED)
        return STATUS_OK;
    if (config_text(config, SETTING_MARKET_TRANSFER_ACCOUNT)[0] != '\0') return STATUS_OK;
    return config_fail(config, STATUS_INVALID_VALUE,
                       config->values[SETTING_MARKET_TRANSFER_ACCOUNT].origin,
                       "market.transfer_account is empty: transfers and invoices are paid there");
}

/* No more of the key is read than that; one that cannot be read is found out by whoever needs it.
 */
static bool is_test_key(const char *path)
{
    enum { PREFIX = sizeof "sk_test_" - 1 };
    char begin[PREFIX + 1] = "";
    FILE *file = path[0] == '\0' ? NULL : fopen(path, "re");
    if (file == NULL) return false;
    const size_t length = fread(begin, 1, PREFIX, file);
    (void)fclose(file);
    begin[length] = '\0';
    return strcmp(begin, "sk_test_") == 0 || strcmp(begin, "rk_test_") == 0;
}

/* The provider's key travels with each call, over TLS or not beyond this machine; and by a test key
 * whoever knows the provider's documents buys for nothing. */
static enum status config_check_cards(struct config *config)
{
    const struct text url = text_of(config_text(config, SETTING_PAYMENT_STRIPE_URL));
    const bool plays =
        config_bool(config, SETTING_TEST_MODE) || config_bool(config, SETTING_PAYMENT_PLAY_MONEY);
    if (config_int(config, SETTING_PAYMENT_PROVIDER) == 0) return STATUS_OK;
    if (!text_is_https_url(url) && !(plays && text_is_secure_url(url)))
        return config_fail(config, STATUS_INVALID_VALUE,
                           config->values[SETTING_PAYMENT_STRIPE_URL].origin,
                           "payment.stripe_url: '%.200s' is not https (http is taken of this "
                           "machine only, with payment.play_money or in test mode)",
                           url.data);
    if (!plays && is_test_key(config_text(config, SETTING_PAYMENT_STRIPE_KEY_FILE)))
        return config_fail(config, STATUS_INVALID_VALUE,
                           config->values[SETTING_PAYMENT_STRIPE_KEY_FILE].origin,
                           "payment.stripe_key_file has a test key, by which nobody really pays: "
                           "payment.play_money must say so");
    return STATUS_OK;
}

static bool is_capital(char letter)
{
    return letter >= 'A' && letter <= 'Z';
}

static bool is_separator(char letter)
{
    return letter == ',' || letter == ' ';
}

/* "USD, JPY": which of them exist, who uses them knows. */
static bool are_currencies(const char *list)
{
    while (*list != '\0') {
        size_t length = 0;
        while (is_separator(*list))
            list++;
        while (is_capital(list[length]))
            length++;
        list += length;
        if ((length != 0 && length != 3) || (*list != '\0' && !is_separator(*list))) return false;
    }
    return true;
}

static enum status config_check_currencies(struct config *config)
{
    static const enum setting lists[] = { SETTING_MARKET_CURRENCY, SETTING_MARKET_CURRENCIES };
    for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
        const char *list = config_text(config, lists[i]);
        if (list[0] == '\0' || are_currencies(list)) continue;
        return config_fail(config, STATUS_INVALID_VALUE, config->values[lists[i]].origin,
                           "%s: '%.100s' is not in capitals of ISO 4217, separated by commas",
                           config_settings[lists[i]].key, list);
    }
    return STATUS_OK;
}

enum status config_check(struct config *config)
{
    assert(config != NULL);
    if (config_bool(config, SETTING_TEST_MODE)) config_apply_test_mode(config);
    for (enum setting setting = 0; setting < SETTING_COUNT; setting++)
        TRY(config_check_setting(config, setting));
    struct config_value *clear_port = &config->values[SETTING_GATEWAY_CLEAR_PORT];
    if (clear_port->number == 0) clear_port->number = config_int(config, SETTING_GATEWAY_PORT) + 1;
    if (clear_port->number == config_int(config, SETTING_GATEWAY_PORT))
        return config_fail(config, STATUS_INVALID_VALUE, clear_port->origin,
                           "gateway.clear_port and gateway.port are the same");
    TRY(config_check_memory(config));
    TRY(config_check_payment(config));
    TRY(config_check_cards(config));
    TRY(config_check_currencies(config));
    TRY(config_check_oidc(config));
    const char *problem = "";
    const enum status status = config_members_complete(&config->members, config->arena, &problem);
    if (status != STATUS_OK) return config_fail(config, status, "members", "%s", problem);
    return STATUS_OK;
}
