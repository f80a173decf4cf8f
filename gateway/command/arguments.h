/* A program's own options and operands, taken out of its arguments so that runtime/config.h can
 * read the rest. */
#pragma once

#include "runtime/base.h"

enum { ARGUMENTS_OPERANDS_MAX = 8 };

/* Takes out "--name value" and "--name=value", of which the last wins. Statuses: OK (ret_value
 * untouched if it was not given), MISSING_FIELD (no value). */
MUST_CHECK enum status arguments_extract_option(int *argc, char **argv, const char *name,
                                                const char **ret_value);
/* Takes out a word such as "--dry-run"; true if it was there. */
bool arguments_extract_flag(int *argc, char **argv, const char *name);
/* Takes out what is neither option nor the value of one, wherever it stands. Returns their number,
 * of which the first ARGUMENTS_OPERANDS_MAX are in ret_operands. */
size_t arguments_extract_operands(int *argc, char **argv,
                                  const char *ret_operands[ARGUMENTS_OPERANDS_MAX]);
