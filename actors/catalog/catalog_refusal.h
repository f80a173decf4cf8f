/* How the catalogue explains a refusal. */
#pragma once

#include "actors/host/request.h"

/* Adds one reason with its place and a static sentence; returns `status`. */
enum status catalog_refuse(struct request *request, const char *pointer, enum status status,
                           const char *detail);
/* The same with a place and a sentence made in the arena. */
enum status catalog_refuse_text(struct request *request, struct text pointer, enum status status,
                                struct text detail);
