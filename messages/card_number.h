/* Card numbers in what people type (ISO/IEC 7812-1, its check digit by Luhn's formula). Pure. */
#pragma once

#include "runtime/text.h"

/* True if a run of 13 to 19 digits that a card scheme may have given out stands anywhere in the
 * text, in the decimal digits of whatever script, and its check digit fits; up to three bytes that
 * are no letters of ASCII between groups of digits are passed over. */
bool text_has_card_number(struct text text);
/* The same where a telephone belongs: only what is none. */
bool phone_has_card_number(struct text text);
