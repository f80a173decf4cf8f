/* The rules of addresses. */
#include "actors/user/user_address.h"

#include "messages/postal_address.h"

const char *user_address_normalise(struct user_address *address, const char **ret_why)
{
    assert(address != NULL);
    struct common_postal_address postal = { .name = address->name,
                                            .line1 = address->line1,
                                            .has_line2 = address->has_line2,
                                            .line2 = address->line2,
                                            .city = address->city,
                                            .has_postal_code = address->has_postal_code,
                                            .postal_code = address->postal_code,
                                            .has_region = address->has_region,
                                            .region = address->region,
                                            .country = address->country,
                                            .has_phone = address->has_phone,
                                            .phone = address->phone };
    const char *pointer = postal_address_normalise(&postal, ret_why);
    if (pointer != NULL) return pointer;
    address->name = postal.name;
    address->line1 = postal.line1;
    address->has_line2 = postal.has_line2;
    address->line2 = postal.line2;
    address->city = postal.city;
    address->has_postal_code = postal.has_postal_code;
    address->postal_code = postal.postal_code;
    address->has_region = postal.has_region;
    address->region = postal.region;
    address->has_phone = postal.has_phone;
    address->phone = postal.phone;
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
