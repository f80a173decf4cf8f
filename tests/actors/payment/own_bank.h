/* The test bank (tests/testbank/) as a process of the test's own, which knows nothing of us, and
 * the stage of payments beside it. */
#pragma once

#include "tests/actors/payment/payment_stage.h"

/* Starts the bank, whose clock is so far behind, and then the stage. 0: it has begun. */
int own_bank_open(const char *behind_s);
/* Ends both; a teardown of cmocka's. */
int own_bank_close(void **state);
/* Asks the bank as its clients do; the answer, head and body, lives until the next call. */
const char *ask_bank(const char *method, const char *path, const char *form);
