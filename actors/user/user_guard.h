/* What this domain lends to actors/identity/. */
#pragma once

#include "actors/identity/identity_guard.h"
#include "actors/user/user_store.h"
