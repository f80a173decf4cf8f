/* What this domain lends to actors/identity/. */
#pragma once

#include "actors/identity/identity_domain.h"
#include "actors/user/user_store.h"

extern const struct identity_domain user_identity;

/* The account as identity knows it; views the account. */
struct identity_person user_person_of(const struct user_account *account);
