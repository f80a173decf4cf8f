/* What the bank tells: events, and their deliveries to endpoints. */
#pragma once

#include "tests/testbank/call.h"

/* Tells that something happened to an object, which is kept as it is now, and plans the deliveries
 * to the account's endpoints that ask for events of that type. */
void emit(struct bank *bank, const char *type, const struct object *object);
/* One more delivery at that time. */
void delivery_plan(struct bank *bank, struct event *event, struct endpoint *endpoint,
                   int64_t at_us);
void delivery_is_due(struct bank *bank, struct delivery *delivery);
/* An attempt ended with this code (0: no answer): done, given up, or planned again. */
void delivery_ended(struct bank *bank, struct delivery *delivery, int code);
/* The secrets that count at that time, the newest first. */
size_t endpoint_secrets(const struct endpoint *endpoint, int64_t now_us,
                        const char *ret_secrets[ENDPOINT_SECRETS_MAX]);

json_t *event_retrieve(struct call *call);
json_t *event_list(struct call *call);
json_t *endpoint_create(struct call *call);
json_t *endpoint_retrieve(struct call *call);
json_t *endpoint_update(struct call *call);
json_t *endpoint_list(struct call *call);
json_t *endpoint_delete(struct call *call);
