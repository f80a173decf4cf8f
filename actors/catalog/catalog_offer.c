/* The rule of the best offer. */
#include "actors/catalog/catalog_offer.h"

#include <string.h>

static int compare_numbers(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

int catalog_rival_compare(const struct catalog_rival *a, const struct catalog_rival *b)
{
    if (a->can_be_bought != b->can_be_bought) return a->can_be_bought ? -1 : 1;
    const int by_price = compare_numbers(a->amount, b->amount);
    if (by_price != 0) return by_price;
    const int by_rating = compare_numbers(b->rating_hundredths, a->rating_hundredths);
    if (by_rating != 0) return by_rating;
    const int by_age = compare_numbers(a->listed_at_us, b->listed_at_us);
    if (by_age != 0) return by_age;
    return memcmp(a->variant_id.bytes, b->variant_id.bytes, sizeof a->variant_id.bytes);
}
