/* Stripe's messages, version STRIPE_VERSION of its API (https://docs.stripe.com/api): what is
 * written, and what is read of answers and events. Pure; reading is for pool threads. */
#pragma once

#include "actors/payment/provider.h"

#define STRIPE_VERSION "2026-08-26.dahlia"
/* What we write beside its objects, and find again in what it tells. */
#define STRIPE_METADATA_PAYMENT "souk_payment"
#define STRIPE_METADATA_REFUND "souk_refund"
#define STRIPE_METADATA_USER "souk_user"

/* As provider.write. */
MUST_CHECK enum status stripe_write(const struct payment_provider_call *call, struct arena *arena,
                                    struct provider_request *ret_request);
/* As provider.read. */
void stripe_read(const struct payment_provider_call *call, int http_code, struct text body,
                 struct arena *arena, struct provider_answer *ret_answer);
/* As provider.write_look and read_look. */
MUST_CHECK enum status stripe_write_look(const struct payment_provider_call *call,
                                         struct text after, struct arena *arena,
                                         struct provider_request *ret_request);
/* As provider.write_search. */
MUST_CHECK enum status stripe_write_search(const struct payment_provider_call *call,
                                           struct arena *arena,
                                           struct provider_request *ret_request);
void stripe_read_look(const struct payment_provider_call *call, int http_code, struct text body,
                      struct arena *arena, struct provider_answer *ret_answer,
                      struct text *ret_after);
/* As provider.read_event. */
MUST_CHECK enum status stripe_read_event(struct text body, struct arena *arena,
                                         struct provider_event *ret_event);
/* As provider.write_report and read_report. */
MUST_CHECK enum status stripe_write_report(const struct provider_period *period, struct text after,
                                           struct arena *arena,
                                           struct provider_request *ret_request);
void stripe_read_report(int http_code, struct text body, struct text after, struct arena *arena,
                        struct provider_report *ret_report);
/* As provider.write_card and read_card. */
MUST_CHECK enum status stripe_write_card(const struct provider_card_call *call, struct arena *arena,
                                         struct provider_request *ret_request);
void stripe_read_card(const struct provider_card_call *call, int http_code, struct text body,
                      struct arena *arena, struct provider_card *ret_card);
/* Whether it can stand in a path: ids of Stripe are letters, digits and "_"; anything else would
 * reach another one. */
bool stripe_is_reference(struct text reference);
