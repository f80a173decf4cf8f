/* What the files of the configuration share; nobody else includes it. */
#pragma once

#include "runtime/arena.h"
#include "runtime/config.h"

/* TEXT( is a macro of text.h; as a bare word it is a kind. */
enum setting_kind { TEXT, PATH, INT, BOOL, DURATION, CHOICE, WORDS };

/* Later ones win. */
enum config_source { SOURCE_DEFAULT, SOURCE_FILE, SOURCE_ENVIRONMENT, SOURCE_ARGUMENT };

struct setting_description {
    const char *key;
    enum setting_kind kind;
    const char *initial;
    int64_t min, max;
    const char *unit, *help;
};

extern const struct setting_description config_settings[SETTING_COUNT];

enum { CONFIG_NAME_MAX = 64 };

struct config_value {
    enum config_source source;
    const char *origin; /* "souk.conf:12", for problems */
    const char *text;
    int64_t number;
};

struct config_database {
    const char *domain, *connection;
    enum config_source source;
};

struct config {
    struct arena *arena;
    struct config_value values[SETTING_COUNT];
    struct config_database databases[CONFIG_DATABASES_MAX];
    size_t databases_count;
    struct config_members members;
    const char *problem;
    const char *file;
    bool wants_help;
};

/* Where a value stands, while it is read. */
struct config_place {
    enum config_source source;
    const char *origin;
};

/* Keeps "origin: sentence" as the problem and returns the status. */
enum status config_fail(struct config *config, enum status status, const char *origin,
                        const char *format, ...) __attribute__((format(printf, 4, 5)));
enum status config_set_setting(struct config *config, enum setting setting, struct text value,
                               struct config_place place);
enum status config_set_database(struct config *config, struct text domain, struct text value,
                                struct config_place place);
/* What is wrong with the providers of [oidc_1] and so on. Statuses: OK, INVALID_VALUE. */
enum status config_check_oidc(struct config *config);
/* Sets "section.key" from any source. */
enum status config_set(struct config *config, struct text key, struct text value,
                       struct config_place place);
