/* A program's own options and operands. They are removed from its arguments, so that
 * runtime/config.h can read the rest. */
#pragma once

#include "runtime/base.h"

enum { ARGUMENTS_OPERANDS_MAX = 8 };

/* Removes "--name value" and "--name=value", of which the last counts. Statuses: OK (ret_value is
 * untouched if the option was not given), MISSING_FIELD (no value follows). */
MUST_CHECK enum status arguments_extract_option(int *argc, char **argv, const char *name,
                                                const char **ret_value);
/* Removes the first of an option that may be there several times. Statuses: OK, NOT_FOUND,
 * MISSING_FIELD (no value follows). */
MUST_CHECK enum status arguments_extract_first(int *argc, char **argv, const char *name,
                                               const char **ret_value);
/* Removes a word such as "--dry-run"; true if it was there. */
bool arguments_extract_flag(int *argc, char **argv, const char *name);
/* Removes what is neither an option nor the value of one, wherever it stands. Returns how many
 * there were; the first ARGUMENTS_OPERANDS_MAX are in ret_operands. */
size_t arguments_extract_operands(int *argc, char **argv,
                                  const char *ret_operands[ARGUMENTS_OPERANDS_MAX]);
