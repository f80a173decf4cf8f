/* Customers, their cards, and setup intents, which keep a card for later. */
#pragma once

#include "tests/testbank/call.h"

json_t *customer_create(struct call *call);
json_t *customer_retrieve(struct call *call);
json_t *customer_update(struct call *call);
json_t *customer_list(struct call *call);
json_t *customer_delete(struct call *call);
json_t *customer_methods(struct call *call);

json_t *method_create(struct call *call);
json_t *method_retrieve(struct call *call);
json_t *method_list(struct call *call);
json_t *method_attach(struct call *call);
json_t *method_detach(struct call *call);

json_t *setup_create(struct call *call);
json_t *setup_retrieve(struct call *call);
json_t *setup_list(struct call *call);
json_t *setup_confirm(struct call *call);
json_t *setup_cancel(struct call *call);
/* The end of 3-D Secure; nothing when the setup intent does not wait for it any more. */
void setup_authenticated(struct bank *bank, struct setup *setup, bool is_approved);
