/* Rows of tax rates. Nothing but SQL and its mapping. Finds and lists WAIT, with the statuses of
 * request_query(); texts in results live in the request's arena. */
#pragma once

#include "actors/host/request.h"
#include "actors/order/tax_rates.h"
#include "order_messages.h"

/* Statuses: OK, NOT_FOUND, those of request_query(). */
MUST_CHECK enum status tax_rate_store_find(struct request *request, struct uuid rate_id,
                                           struct order_tax_rate *ret_rate);
/* Those with lower ids than `before`, the highest first; of one country, or (empty) of all. */
MUST_CHECK enum status tax_rate_store_list(struct request *request, struct text country,
                                           struct uuid before, int64_t limit,
                                           const struct order_tax_rate **ret_rates,
                                           size_t *ret_count);
/* How many rates a country (empty: everywhere) has. */
MUST_CHECK enum status tax_rate_store_count(struct request *request, struct text country,
                                            int64_t *ret_count);
/* Where a cart goes, when, and whose it is (zero: a guest's). */
struct tax_question {
    struct text country;
    int64_t now_us;
    struct uuid user_id;
};
struct tax_table {
    const struct tax_rate *rates;
    size_t count;
    struct text business_number; /* verified, of that country; empty: none */
};
/* What carts going to that country may be taxed by, now or later: the rates of the country and
 * those of everywhere; and by which number their owner is known there as a business. One read; at
 * most twice TAX_RATES_OF_COUNTRY_MAX. */
MUST_CHECK enum status tax_rate_store_table(struct request *request,
                                            const struct tax_question *question,
                                            struct tax_table *ret_table);
/* Each queues a write; a rate that is there already ends the unit with TAX_RATE_EXISTS, one that is
 * not at the version before (save) or at its version (remove) with CONFLICT. */
void tax_rate_store_add(struct request *request, const struct order_tax_rate *rate);
void tax_rate_store_save(struct request *request, const struct order_tax_rate *rate);
void tax_rate_store_remove(struct request *request, const struct order_tax_rate *rate);
