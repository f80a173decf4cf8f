/* What a gateway has for pictures: who decodes them, and where they are kept. */
#pragma once

#include "gateway/picture/picture_store.h"

struct pictures {
    struct picture_decoder *decoder;
    struct picture_store *store;
    struct text public_url; /* where a store lets everybody read them, without a slash at its end;
                               empty: they are read here */
    int64_t sweep_every_us; /* how often files that nobody uses are looked for */
};
