/* The rules of addresses. */
#include "actors/user/user_address.h"

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

const char *user_address_normalise(struct user_address *address, const char **ret_why)
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
    *ret_why = TEXT_COUNTRY_RULE;
    if (!text_is_country(address->country)) return "/country";
    *ret_why = "Digits, spaces and + - ( ) . /, with one digit at least.";
    if (!normalise_optional(&address->has_phone, &address->phone)) return "/phone";
    if (address->has_phone && !is_telephone(address->phone)) return "/phone";
    return NULL;
}

static void replace(bool is_sent, struct text sent, struct text *field)
{
    if (is_sent) *field = sent;
}

static void replace_optional(bool is_sent, struct text sent, bool *has_field, struct text *field)
{
    if (!is_sent) return;
    *has_field = true;
    *field = sent;
}

void user_address_change(struct user_address *address, const struct user_change_address *change)
{
    assert(address != NULL);
    assert(change != NULL);
    replace(change->has_name, change->name, &address->name);
    replace(change->has_line1, change->line1, &address->line1);
    replace(change->has_city, change->city, &address->city);
    replace(change->has_country, change->country, &address->country);
    replace_optional(change->has_line2, change->line2, &address->has_line2, &address->line2);
    replace_optional(change->has_postal_code, change->postal_code, &address->has_postal_code,
                     &address->postal_code);
    replace_optional(change->has_region, change->region, &address->has_region, &address->region);
    replace_optional(change->has_phone, change->phone, &address->has_phone, &address->phone);
}
