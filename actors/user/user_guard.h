/* What this domain lends to actors/identity/. */
#pragma once

#include "actors/identity/identity_guard.h"
#include "actors/user/user_store.h"

extern const struct identity_messages user_identity_messages;

/* The sweeps that turn signing keys, and that delete what says nothing any more. */
MUST_CHECK enum status user_keys_sweep(struct request *request, unsigned shard_first,
                                       unsigned shard_last);
MUST_CHECK enum status user_trim_sweep(struct request *request, unsigned shard_first,
                                       unsigned shard_last);
