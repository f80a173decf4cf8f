/* Refusals, and the parameters of a request. */
#include "tests/testbank/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_MAX = 500 };

static json_t *refuse(struct call *call, struct refusal refusal, const char *format, va_list values)
{
    char message[MESSAGE_MAX];
    (void)vsnprintf(message, sizeof message, format, values);
    struct text text = text_of(message);
    while (!text_is_utf8(text))
        text.length--; /* a character was cut */
    refusal.message = text_copy(call->arena, text);
    if (!call->is_refused) call->refusal = refusal;
    call->is_refused = true;
    return NULL;
}

json_t *refuse_input(struct call *call, const char *reason, const char *name, const char *format,
                     ...)
{
    call->is_unstored = true;
    va_list values;
    va_start(values, format);
    const struct refusal refusal = {
        .code = 400,
        .type = "invalid_request_error",
        .reason = reason,
        .param = name,
    };
    refuse(call, refusal, format, values);
    va_end(values);
    return NULL;
}

static void refuse_with(struct call *call, struct refusal refusal, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void refuse_with(struct call *call, struct refusal refusal, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    refuse(call, refusal, format, values);
    va_end(values);
}

json_t *refuse_missing(struct call *call, const char *what, struct text id)
{
    call->is_unstored = true;
    const struct refusal refusal = {
        .code = 404,
        .type = "invalid_request_error",
        .reason = "resource_missing",
        .param = what,
    };
    refuse_with(call, refusal, "No such %s: '%.*s'", what, (int)id.length, id.data);
    return NULL;
}

json_t *refuse_state(struct call *call, const char *reason, const struct object *object,
                     const char *format, ...)
{
    va_list values;
    va_start(values, format);
    const struct refusal refusal = {
        .code = 400,
        .type = "invalid_request_error",
        .reason = reason,
        .object = object,
    };
    refuse(call, refusal, format, values);
    va_end(values);
    return NULL;
}

json_t *refuse_card(struct call *call, const struct decline *decline, const struct object *object,
                    const struct charge *charge)
{
    const struct refusal refusal = {
        .code = 402,
        .type = "card_error",
        .reason = decline->code,
        .decline_code = decline->decline_code,
        .object = object,
        .charge = charge,
    };
    refuse_with(call, refusal, "%s", decline->message);
    return NULL;
}

struct text param(const struct call *call, const char *name)
{
    return form_find(&call->form, name);
}

bool has_param(const struct call *call, const char *name)
{
    return param(call, name).data != NULL;
}

bool param_int(struct call *call, const char *name, int64_t min, int64_t max, int64_t *ret_value)
{
    const struct text text = param(call, name);
    if (text.data == NULL) return true;
    int64_t value;
    if (text_parse_int(text, &value) != STATUS_OK) {
        refuse_input(call, "parameter_invalid_integer", name, "Invalid integer: %s", text.data);
        return false;
    }
    if (value < min || value > max) {
        refuse_input(call, "parameter_invalid_integer", name,
                     "This value must be from %lld to %lld.", (long long)min, (long long)max);
        return false;
    }
    *ret_value = value;
    return true;
}

bool param_bool(struct call *call, const char *name, bool *ret_value)
{
    const struct text text = param(call, name);
    if (text.data == NULL) return true;
    const bool is_true = text_equals(text, TEXT("true"));
    if (!is_true && !text_equals(text, TEXT("false"))) {
        refuse_input(call, NULL, name, "Invalid boolean: %s", text.data);
        return false;
    }
    *ret_value = is_true;
    return true;
}

bool param_text(struct call *call, const char *name, size_t max, const char **ret_value)
{
    const struct text text = param(call, name);
    if (text.data == NULL) return true;
    if (text.length > max) {
        refuse_input(call, "parameter_invalid_string_length", name,
                     "Invalid string: must be at most %zu bytes", max);
        return false;
    }
    *ret_value = bank_text(call->bank, text);
    return true;
}

bool param_word(struct call *call, const char *name, const char *words, const char **ret_value)
{
    const struct text text = param(call, name);
    if (text.data == NULL) return true;
    if (text.length > 0 && !form_name_is_allowed(text, words)) {
        refuse_input(call, NULL, name, "Invalid %s: must be one of: %s", name, words);
        return false;
    }
    *ret_value = bank_text(call->bank, text);
    return true;
}

bool param_url(struct call *call, const char *name, const char **ret_value)
{
    const struct text text = param(call, name);
    if (text.data == NULL) return true;
    const bool is_web =
        text_starts_with(text, TEXT("https://")) || text_starts_with(text, TEXT("http://"));
    const bool is_right = is_web && text.length > strlen("https://") && text.length <= URL_MAX &&
                          strcspn(text.data, " \"'<>\r\n\t\\") == text.length;
    if (!is_right) {
        refuse_input(call, "url_invalid", name, "Not a valid URL");
        return false;
    }
    *ret_value = bank_text(call->bank, text);
    return true;
}

bool param_amount(struct call *call, const char *name, const char *currency, int64_t *ret_value)
{
    int64_t amount = *ret_value;
    if (!param_int(call, name, INT64_MIN, INT64_MAX, &amount)) return false;
    if (!has_param(call, name)) return true;
    if (amount < 1) {
        refuse_input(call, "parameter_invalid_integer", name,
                     "This value must be greater than or equal to 1.");
        return false;
    }
    if (amount > AMOUNT_MAX) {
        refuse_input(call, "amount_too_large", name, "Amount must be no more than %d.", AMOUNT_MAX);
        return false;
    }
    if (!amount_is_right(text_of(currency), amount)) {
        refuse_input(call, "parameter_invalid_integer", name,
                     "Amounts in %s must be divisible by %lld.", currency,
                     (long long)amount_step(text_of(currency)));
        return false;
    }
    *ret_value = amount;
    return true;
}

static size_t find_pair(const struct pair *pairs, size_t count, struct text name)
{
    size_t i = 0;
    while (i < count && !text_equals_string(name, pairs[i].name))
        i++;
    return i;
}

static bool set_pair(struct call *call, struct pair *pairs, size_t *count, struct text name,
                     struct text value)
{
    if (name.length == 0 || name.length > METADATA_NAME_MAX || value.length > METADATA_VALUE_MAX) {
        refuse_input(call, NULL, "metadata",
                     "Metadata has names of 1 to %d bytes and values of at most %d.",
                     METADATA_NAME_MAX, METADATA_VALUE_MAX);
        return false;
    }
    const size_t i = find_pair(pairs, *count, name);
    if (value.length == 0) {
        if (i < *count) {
            memmove(&pairs[i], &pairs[i + 1], (*count - i - 1) * sizeof *pairs);
            --*count;
        }
        return true;
    }
    if (i == METADATA_MAX) {
        refuse_input(call, NULL, "metadata", "Metadata has at most %d names.", METADATA_MAX);
        return false;
    }
    if (i == *count) {
        pairs[i].name = bank_text(call->bank, name);
        ++*count;
    }
    pairs[i].value = bank_text(call->bank, value);
    return true;
}

bool param_metadata(struct call *call, struct metadata *metadata)
{
    struct pair pairs[METADATA_MAX];
    size_t count = metadata->count;
    bool is_new = false;
    if (count > 0) memcpy(pairs, metadata->pairs, count * sizeof *pairs);
    if (has_param(call, "metadata")) {
        count = 0;
        is_new = true;
    }
    for (size_t i = 0; i < call->form.count; i++) {
        const struct text name = form_child(call->form.fields[i].name, "metadata");
        if (name.data == NULL) continue;
        is_new = true;
        if (!set_pair(call, pairs, &count, name, call->form.fields[i].value)) return false;
    }
    if (!is_new) return true;
    metadata->pairs = arena_copy(call->bank->arena, pairs, count * sizeof *pairs);
    metadata->count = count;
    return true;
}

bool param_customer(struct call *call, const char *name, struct customer **ret_customer)
{
    const struct text id = param(call, name);
    if (id.data == NULL) return true;
    struct customer *customer = bank_find(call->bank, call->account, OBJECT_CUSTOMER, id);
    if (customer == NULL || customer->is_deleted) {
        refuse_input(call, "resource_missing", name, "No such customer: '%s'", id.data);
        return false;
    }
    *ret_customer = customer;
    return true;
}
