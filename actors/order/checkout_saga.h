/* The long process of a checkout; its data is struct order_checkout_data, its id the group's. */
#pragma once

#include "actors/host/saga.h"

extern const struct saga_kind checkout_saga;
