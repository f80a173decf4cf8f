/* How handlers of the catalogue explain a refusal: a fault with its place and a sentence for
 * people. */
#pragma once

#include "actors/host/request.h"

/* Adds a fault at a JSON pointer ("" for none) with a static sentence; returns `status`. */
enum status catalog_refuse(struct request *request, const char *pointer, enum status status,
                           const char *detail);
/* The same with a pointer that is copied and a sentence that lives in the request's arena. */
enum status catalog_refuse_text(struct request *request, struct text pointer, enum status status,
                                struct text detail);
