/* Languages of the market: the one that a shopper is answered in, and texts that a file has in
 * others. */
#pragma once

#include "actors/catalog/catalog_item.h"
#include "actors/host/request.h"

/* The best of the market's languages by an Accept-Language (or by what the gateway has chosen of it
 * already); empty: the first, in which everything is said anyway. */
struct text catalog_language_of(struct request *request, bool has_wish,
                                struct text accept_language);
enum { CATALOG_LANGUAGES_ASKED = 2 };
/* The languages whose words somebody may be searching by: the one above and the first. None, which
 * stands for any, where there was no wish, and in a market of one language, where vendors write in
 * whatever language they sell in. Returns how many. */
size_t catalog_languages_asked(struct request *request, bool has_wish, struct text accept_language,
                               struct text ret_languages[CATALOG_LANGUAGES_ASKED]);
/* Puts texts of a file, by names such as "name:de", into the item; an empty one takes it away. Adds
 * a fault and returns INVALID_VALUE, or PRODUCT_TOO_LARGE, for what no vendor may say. */
MUST_CHECK enum status catalog_language_import(struct request *request,
                                               const struct text_pair *texts, size_t count,
                                               struct catalog_item *item);
