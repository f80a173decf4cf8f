/* The slugs of vendors. */
#pragma once

#include "actors/host/slug_book.h"

extern const struct slug_book vendor_slugs;
