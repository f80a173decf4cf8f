/* Objects as the JSON of Stripe's API, in the one version that this bank speaks. */
#pragma once

#include "tests/testbank/bank.h"

#define BANK_API_VERSION "2026-08-26.dahlia"

/* A new reference that the caller takes. Never NULL. */
json_t *render(const struct bank *bank, const struct object *object);
/* With the secret, which is shown once. */
json_t *render_endpoint_with_secret(const struct endpoint *endpoint);
json_t *render_metadata(const struct metadata *metadata);
/* The JSON in the arena, without white space. */
struct text render_text(struct arena *arena, const json_t *json);
const char *refund_status_name(enum refund_status status);
const char *dispute_status_name(const struct dispute *dispute);
