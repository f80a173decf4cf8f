/* Answers in a coding that their client accepts, packed when they are sent or before. */
#pragma once

#include "gateway/answer_cache.h"
#include "gateway/coding.h"
#include "gateway/exchange.h"

/* What is sent of a body, and in which coding: NONE where it goes as it is. `packed` has its forms
 * by coding, as far as they are known; NULL: none. Of an answer that is the `same` nothing is sent.
 */
enum coding packing_of(struct exchange *exchange, struct text body, const struct text *packed,
                       bool is_same, struct text *ret_sent);
/* Packs a kept answer in the coding that is asked for, unless it is. */
void packing_of_kept(struct exchange *exchange, const struct kept_answer *kept);
/* Packs a page that never changes likewise; the form is the caller's, of malloc(). */
void packing_of_page(struct exchange *exchange, struct text body, struct text *packed);
