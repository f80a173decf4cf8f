/* Asks for a new password. */
#pragma once

#include <stdbool.h>

enum { PASSWORD_PROMPT_MAX = 200 }; /* bytes */

/* From a terminal: asks twice and shows nothing. Otherwise: the first line of standard input. False
 * when there is none, it is longer, or the two differ; then the buffer is wiped. */
bool password_prompt(const char *prompt, char ret_password[PASSWORD_PROMPT_MAX + 1]);
