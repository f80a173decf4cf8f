/* The configuration of a process: one table of settings (settings.def), read from defaults, a file,
 * the environment and the command line, of which the later wins; the members of the site; the
 * databases. Read once, at the start.
 *
 * File: INI, `key = value` under `[section]`. Environment: SOUK_SECTION_KEY. Command line:
 * --section.key=value or
 * --section.key value (a bool may stand alone), '-' and '_' are the same; short forms: --port,
 * --data-dir, --test-mode,
 * --log-level, --config=FILE, --help. Whatever is unknown, malformed or out of range is refused,
 * saying where. */
#pragma once

#include <stdio.h>

#include "runtime/base.h"
#include "runtime/config_member.h"
#include "runtime/text.h"

#define SETTING(name, key, kind, initial, min, max, unit, help) name,
enum setting {
#include "runtime/settings.def"
    SETTING_COUNT
};
#undef SETTING

enum {
    CONFIG_LINE_MAX = 2048,   /* bytes of a line of the file */
    CONFIG_LINES_MAX = 10000, /* of the file */
    CONFIG_DATABASES_MAX = 32,
};

struct config;

/* The defaults. */
struct config *config_new(void);
void config_destroy(struct config **config);

/* All that a program's main() does: environment, arguments, the file that they name (--config or
 * SOUK_CONFIG), checks. The argument at `ret_first_positional` (argc if there is none) is the first
 * that is no option. Statuses as below. */
MUST_CHECK enum status config_load(struct config *config, int argc, char *const *argv,
                                   char *const *environment, int *ret_first_positional);

/* The parts, in any order, then config_check(). Statuses: OK, UNAVAILABLE (file cannot be read),
 * UNKNOWN_FIELD, MALFORMED, DUPLICATE_FIELD, OVERLOADED (too many lines, members, databases);
 * config_problem() then says what and where. */
MUST_CHECK enum status config_load_file(struct config *config, const char *path);
MUST_CHECK enum status config_load_environment(struct config *config, char *const *environment);
MUST_CHECK enum status config_load_arguments(struct config *config, int argc, char *const *argv,
                                             int *ret_first_positional);
/* Limits, computed defaults, members. Statuses: OK, OUT_OF_RANGE, MISSING_FIELD, INVALID_VALUE. */
MUST_CHECK enum status config_check(struct config *config);

/* "souk.conf:12: gateway.port: 70000 is not between 1 and 65534", or "" when all went well. */
const char *config_problem(const struct config *config);
/* True if --help was among the arguments. */
bool config_wants_help(const struct config *config);
/* Prints every setting with its default, unit and limits. */
void config_help(FILE *file);

/* Of TEXT, PATH, CHOICE and WORDS. Lives as long as the configuration. */
const char *config_text(const struct config *config, enum setting setting);
/* Of INT, DURATION (seconds) and CHOICE (position). */
int64_t config_int(const struct config *config, enum setting setting);
bool config_bool(const struct config *config, enum setting setting);
/* Of DURATION. */
int64_t config_duration_us(const struct config *config, enum setting setting);
/* [database] <domain>: a libpq connection string; "" stands for the private cluster. */
const char *config_database(const struct config *config, const char *domain);
/* The next file that some setting names and programs read, "--config" among them, from *place (0 at
 * first) on; false when there are no more. Texts live as long as the configuration. */
bool config_next_file(const struct config *config, size_t *place, const char **ret_key,
                      const char **ret_path);
/* The members of the site, in the order of the file; after config_check(). */
const struct config_member *config_members(const struct config *config, size_t *ret_count);
