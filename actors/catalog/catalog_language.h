/* The language that a shopper is answered in. */
#pragma once

#include "actors/host/request.h"

/* The best of the market's languages by an Accept-Language (or by what the gateway has chosen of it
 * already); empty: the first, in which everything is said anyway. */
struct text catalog_language_of(struct request *request, bool has_wish,
                                struct text accept_language);
