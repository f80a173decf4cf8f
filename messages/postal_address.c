/* The rules of postal addresses. */
#include "messages/postal_address.h"

#include <string.h>

#include "runtime/plain_text.h"
#include "runtime/text_form.h"

static bool is_telephone(struct text text)
{
    bool has_digit = false;
    for (size_t i = 0; i < text.length; i++) {
        const bool is_digit = text.data[i] >= '0' && text.data[i] <= '9';
        if (!is_digit && (text.data[i] == '\0' || strchr(" +-()./", text.data[i]) == NULL))
            return false;
        has_digit = has_digit || is_digit;
    }
    return has_digit;
}

static bool is_region_code(struct text text)
{
    enum { LENGTH_MAX = 3 };
    for (size_t i = 0; i < text.length; i++) {
        const char c = text.data[i];
        if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9')) return false;
    }
    return text.length >= 1 && text.length <= LENGTH_MAX;
}

static bool normalise_required(struct text *field)
{
    if (!plain_text_is_postal(*field) || plain_text_is_blank(*field)) return false;
    *field = text_trim(*field);
    return true;
}

static bool normalise_optional(bool *has_field, struct text *field)
{
    if (!*has_field) return true;
    if (!plain_text_is_postal(*field)) return false;
    *field = text_trim(*field);
    *has_field = field->length > 0;
    return true;
}

const char *postal_address_normalise(struct common_postal_address *address, const char **ret_why)
{
    assert(address != NULL);
    assert(ret_why != NULL);
    *ret_why = PLAIN_TEXT_NAME_RULE;
    if (!normalise_required(&address->name)) return "/name";
    if (!normalise_required(&address->line1)) return "/line1";
    if (!normalise_required(&address->city)) return "/city";
    *ret_why = PLAIN_TEXT_LINE_RULE;
    if (!normalise_optional(&address->has_line2, &address->line2)) return "/line2";
    if (!normalise_optional(&address->has_postal_code, &address->postal_code))
        return "/postal_code";
    if (!normalise_optional(&address->has_region, &address->region)) return "/region";
    *ret_why = "The second half of ISO 3166-2: one to three capitals and digits, such as BY.";
    if (address->has_region_code && !is_region_code(address->region_code)) return "/region_code";
    *ret_why = TEXT_COUNTRY_RULE;
    if (!text_is_country(address->country)) return "/country";
    *ret_why = "Digits, spaces and + - ( ) . /, with one digit at least.";
    if (!normalise_optional(&address->has_phone, &address->phone)) return "/phone";
    if (address->has_phone && !is_telephone(address->phone)) return "/phone";
    return NULL;
}
