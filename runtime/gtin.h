/* Numbers under barcodes: GTIN-8, -12 (UPC), -13 (EAN) and -14. Pure. */
#pragma once

#include "runtime/text.h"

enum { GTIN_MAX = 14 /* digits */ };
#define GTIN_RULE                                                                                  \
    "A barcode's number has 8, 12, 13 or 14 digits, of which the last checks the others."

/* True of digits of one of these lengths with the right check digit (GS1 General Specifications,
 * 7.9.1: standard check digit calculations). */
bool gtin_is_good(struct text text);
