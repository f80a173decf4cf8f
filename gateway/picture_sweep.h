/* Files of pictures that nobody uses any more, or never did, are deleted: the domains say which
 * (messages/pictures.toml). */
#pragma once

#include "gateway/inquiry.h"
#include "gateway/picture/pictures.h"

struct picture_sweep;

/* Looks now and then, once the loop runs. Everything that is pointed to must outlive it. */
struct picture_sweep *picture_sweep_new(struct loop *loop, const struct inquirer *inquirer,
                                        const struct pictures *pictures);
/* Begins nothing more. */
void picture_sweep_stop(struct picture_sweep *sweep);
bool picture_sweep_is_under_way(const struct picture_sweep *sweep);
/* It must not be under way. NULL is fine. */
void picture_sweep_destroy(struct picture_sweep **sweep);
