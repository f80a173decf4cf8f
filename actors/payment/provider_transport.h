/* How calls travel to the provider that is set up, and who may send events. */
#pragma once

#include "actors/host/request.h"
#include "actors/payment/provider.h"

/* NULL: this market takes no cards. */
const struct provider *provider_of(const struct request *request);
/* Makes the call under the operation's key, and asks how things stand when the answer leaves that
 * open. WAITS. Statuses: OK (what is known now: never PROVIDER_UNKNOWN, BROKEN nor NOT_DONE),
 * UNAVAILABLE (nobody knows: the same call must be made again), those of request_transfer_http().
 */
MUST_CHECK enum status provider_call(struct request *request, const struct provider *provider,
                                     const struct payment_provider_call *call,
                                     struct provider_answer *ret_answer);
/* Reads one page of the provider's report; `after` is that of the page before, empty at first.
 * WAITS. Statuses: OK, NOT_FOUND (the provider does not know that place any more), UNAVAILABLE (ask
 * again), those of request_transfer_http() and request_offload(). */
MUST_CHECK enum status provider_read_report(struct request *request,
                                            const struct provider *provider,
                                            const struct provider_period *period, struct text after,
                                            struct provider_report *ret_report);
/* Asks the provider about a card that is kept. WAITS. Statuses: OK (SAID, NOT_TAKEN, or BROKEN:
 * only another key may do it), UNAVAILABLE (ask again, under the same key), those of
 * request_transfer_http(). */
MUST_CHECK enum status provider_call_card(struct request *request, const struct provider *provider,
                                          const struct provider_card_call *call,
                                          struct provider_card *ret_card);
/* Whether an event is of the money that our key moves, real or played: by its prefix; a key that
 * has none of them says nothing, so each is. Statuses: OK, UNAVAILABLE (no key can be read). */
MUST_CHECK enum status provider_is_of_key(struct request *request,
                                          const struct provider_event *event, bool *ret_is);
/* Statuses: OK, SIGNATURE_INVALID, UNAVAILABLE (no secret can be read). */
MUST_CHECK enum status provider_verify_event(struct request *request,
                                             const struct provider *provider, struct text signature,
                                             struct text body);
