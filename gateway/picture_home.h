/* What a gateway needs for pictures, opened as its settings say. */
#pragma once

#include "gateway/picture/pictures.h"
#include "runtime/config.h"

struct picture_home;

/* Everything must outlive it. Statuses: OK, UNAVAILABLE (the folder cannot be made, a file of a
 * secret not be read), INVALID_VALUE (a store that cannot be). What is wrong is logged. */
MUST_CHECK enum status picture_home_open(const struct config *config, struct loop *loop,
                                         struct fibers *fibers, struct picture_home **ret_home);
const struct pictures *picture_home_pictures(const struct picture_home *home);
/* Ends transfers that are under way; before fibers_stop(), on the loop's stack. NULL is fine. */
void picture_home_stop(struct picture_home *home);
/* Nothing of it may be in use. NULL is fine. */
void picture_home_close(struct picture_home **home);
