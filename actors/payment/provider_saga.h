/* One call of the provider as a long process: it is made under one key until the provider has
 * answered, then what it said is joined. Its data is a struct payment_provider_call, its id that of
 * the operation, which is the key. */
#pragma once

#include "actors/host/saga.h"

extern const struct saga_kind provider_saga;
