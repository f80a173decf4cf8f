/* The table of settings: reads values, keeps where each came from, and answers what holds. Limits
 * are checked by config_check.c, when every source has been read. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/config_internal.h"

const struct setting_description config_settings[SETTING_COUNT] = {
#define SETTING(name, key, kind, initial, min, max, unit, help)                                    \
    [name] = { key, kind, initial, min, max, unit, help },
#include "runtime/settings.def"
#undef SETTING
};

enum { CONFIG_ARENA_BYTES = 8192 };

enum status config_fail(struct config *config, enum status status, const char *origin,
                        const char *format, ...)
{
    char sentence[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    config->problem = text_format(config->arena, "%s: %s", origin, sentence).data;
    return status;
}

/* ---- values ---- */

static enum status duration_parse(struct text value, int64_t *ret_seconds)
{
    static const struct {
        char suffix;
        int64_t seconds;
    } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
    int64_t factor = 1, number;
    for (size_t i = 0; i < ARRAY_LENGTH(units); i++) {
        if (value.length == 0 || value.data[value.length - 1] != units[i].suffix) continue;
        factor = units[i].seconds;
        value.length--;
        break;
    }
    TRY(text_parse_int(value, &number));
    if (__builtin_mul_overflow(number, factor, &number)) return STATUS_MALFORMED;
    *ret_seconds = number;
    return STATUS_OK;
}

static enum status bool_parse(struct text value, int64_t *ret_number)
{
    static const char *const words[][2] = {
        { "false", "true" }, { "no", "yes" }, { "off", "on" }, { "0", "1" }
    };
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        for (size_t is_true = 0; is_true < 2; is_true++) {
            if (!text_equals_string(value, words[i][is_true])) continue;
            *ret_number = (int64_t)is_true;
            return STATUS_OK;
        }
    }
    return STATUS_MALFORMED;
}

static enum status choice_parse(const char *choices, struct text value, int64_t *ret_number)
{
    struct text rest = text_of(choices);
    for (int64_t number = 0; rest.data != NULL; number++) {
        const char *bar = memchr(rest.data, '|', rest.length);
        const size_t length = bar != NULL ? (size_t)(bar - rest.data) : rest.length;
        if (text_equals(value, (struct text){ rest.data, length })) {
            *ret_number = number;
            return STATUS_OK;
        }
        if (bar == NULL) break;
        rest = (struct text){ bar + 1, rest.length - length - 1 };
    }
    return STATUS_MALFORMED;
}

/* Some of the choices, or none, between commas; blanks around them do not matter. */
static enum status words_parse(const char *choices, struct text value, int64_t *ret_length)
{
    *ret_length = (int64_t)value.length;
    while (value.length > 0) {
        const char *comma = memchr(value.data, ',', value.length);
        const size_t length = comma != NULL ? (size_t)(comma - value.data) : value.length;
        const struct text word = text_trim((struct text){ value.data, length });
        int64_t place;
        if (word.length > 0) TRY(choice_parse(choices, word, &place));
        const size_t skip = comma != NULL ? length + 1 : length;
        value = (struct text){ value.data + skip, value.length - skip };
    }
    return STATUS_OK;
}

static enum status setting_parse(const struct setting_description *setting, struct text value,
                                 int64_t *ret_number)
{
    switch (setting->kind) {
    case TEXT:
    case PATH:
        *ret_number = (int64_t)value.length;
        return text_is_utf8(value) ? STATUS_OK : STATUS_MALFORMED;
    case INT:
        return text_parse_int(value, ret_number);
    case BOOL:
        return bool_parse(value, ret_number);
    case DURATION:
        return duration_parse(value, ret_number);
    case CHOICE:
        return choice_parse(setting->unit, value, ret_number);
    case WORDS:
        return words_parse(setting->unit, value, ret_number);
    }
    abort();
}

static const char *setting_wants(const struct setting_description *setting)
{
    static const char *const wants[] = {
        [TEXT] = "text in UTF-8",
        [PATH] = "a path",
        [INT] = "a whole number",
        [BOOL] = "true or false",
        [DURATION] = "a duration such as 900, 15m, 12h or 30d",
    };
    if (setting->kind == CHOICE || setting->kind == WORDS) return setting->unit;
    return wants[setting->kind];
}

enum status config_set_setting(struct config *config, enum setting setting, struct text value,
                               struct config_place place)
{
    const struct setting_description *description = &config_settings[setting];
    struct config_value *held = &config->values[setting];
    if (place.source == SOURCE_FILE && held->source == SOURCE_FILE)
        return config_fail(config, STATUS_DUPLICATE_FIELD, place.origin,
                           "%s is set twice, first at %s", description->key, held->origin);
    int64_t number;
    if (setting_parse(description, value, &number) != STATUS_OK)
        return config_fail(config, STATUS_MALFORMED, place.origin, "%s: '%.*s' is not %s%s",
                           description->key, (int)(value.length > 100 ? 100 : value.length),
                           value.data, description->kind == WORDS ? "a list of " : "",
                           setting_wants(description));
    if (place.source < held->source) return STATUS_OK;
    *held = (struct config_value){ .source = place.source,
                                   .origin = place.origin,
                                   .text = text_string(config->arena, value),
                                   .number = number };
    return STATUS_OK;
}

enum status config_set_database(struct config *config, struct text domain, struct text value,
                                struct config_place place)
{
    if (!config_member_name_is_valid(domain))
        return config_fail(config, STATUS_MALFORMED, place.origin,
                           "the database of a domain is called [database] <domain>");
    size_t i = 0;
    while (i < config->databases_count && !text_equals_string(domain, config->databases[i].domain))
        i++;
    if (i == CONFIG_DATABASES_MAX)
        return config_fail(config, STATUS_OVERLOADED, place.origin, "too many databases");
    if (i == config->databases_count) {
        config->databases[config->databases_count++] =
            (struct config_database){ .domain = text_string(config->arena, domain) };
    } else if (place.source < config->databases[i].source) {
        return STATUS_OK;
    }
    config->databases[i].connection = text_string(config->arena, value);
    config->databases[i].source = place.source;
    return STATUS_OK;
}

enum status config_set(struct config *config, struct text key, struct text value,
                       struct config_place place)
{
    for (enum setting setting = 0; setting < SETTING_COUNT; setting++)
        if (text_equals_string(key, config_settings[setting].key))
            return config_set_setting(config, setting, value, place);
    const struct text database = text_of("database.");
    if (text_starts_with(key, database)) {
        const struct text domain = { key.data + database.length, key.length - database.length };
        return config_set_database(config, domain, value, place);
    }
    return config_fail(config, STATUS_UNKNOWN_FIELD, place.origin, "there is no setting '%.*s'",
                       (int)(key.length > CONFIG_NAME_MAX ? CONFIG_NAME_MAX : key.length),
                       key.data);
}

/* ---- life ---- */

static const char *config_default_data_dir(struct arena *arena)
{
    const char *home = getuid() == 0 ? NULL : secure_getenv("HOME");
    if (home == NULL || home[0] == '\0') return "/var/lib/souk";
    return text_format(arena, "%s/.local/share/souk", home).data;
}

struct config *config_new(void)
{
    struct config *config = calloc(1, sizeof *config);
    if (config == NULL) abort();
    config->arena = arena_new(CONFIG_ARENA_BYTES);
    config->problem = "";
    for (enum setting setting = 0; setting < SETTING_COUNT; setting++) {
        const char *initial = config_settings[setting].initial;
        if (setting == SETTING_PATHS_DATA_DIR) initial = config_default_data_dir(config->arena);
        const struct config_place place = { SOURCE_DEFAULT, "default" };
        const enum status status = config_set_setting(config, setting, text_of(initial), place);
        assert(status == STATUS_OK);
    }
    return config;
}

void config_destroy(struct config **config)
{
    assert(config != NULL);
    if (*config == NULL) return;
    arena_destroy(&(*config)->arena);
    free(*config);
    *config = NULL;
}

/* ---- look-ups ---- */

const char *config_problem(const struct config *config)
{
    return config->problem;
}

bool config_wants_help(const struct config *config)
{
    return config->wants_help;
}

const char *config_text(const struct config *config, enum setting setting)
{
    assert(setting < SETTING_COUNT);
    const enum setting_kind kind = config_settings[setting].kind;
    assert(kind == TEXT || kind == PATH || kind == CHOICE || kind == WORDS);
    return config->values[setting].text;
}

int64_t config_int(const struct config *config, enum setting setting)
{
    assert(setting < SETTING_COUNT);
    const enum setting_kind kind = config_settings[setting].kind;
    assert(kind == INT || kind == DURATION || kind == CHOICE);
    return config->values[setting].number;
}

bool config_bool(const struct config *config, enum setting setting)
{
    assert(setting < SETTING_COUNT);
    assert(config_settings[setting].kind == BOOL);
    return config->values[setting].number != 0;
}

int64_t config_duration_us(const struct config *config, enum setting setting)
{
    assert(setting < SETTING_COUNT);
    assert(config_settings[setting].kind == DURATION);
    return config->values[setting].number * 1000000;
}

const char *config_database(const struct config *config, const char *domain)
{
    for (size_t i = 0; i < config->databases_count; i++)
        if (strcmp(domain, config->databases[i].domain) == 0)
            return config->databases[i].connection;
    return "";
}

bool config_next_file(const struct config *config, size_t *place, const char **ret_key,
                      const char **ret_path)
{
    while (*place < SETTING_COUNT) {
        const size_t setting = (*place)++;
        const char *path = config->values[setting].text;
        if (strcmp(config_settings[setting].unit, "path") != 0 || path[0] == '\0') continue;
        *ret_key = config_settings[setting].key;
        *ret_path = path;
        return true;
    }
    if (*place > SETTING_COUNT || config->file == NULL) return false;
    *place = SETTING_COUNT + 1;
    *ret_key = "--config";
    *ret_path = config->file;
    return true;
}

const struct config_member *config_members(const struct config *config, size_t *ret_count)
{
    assert(ret_count != NULL);
    *ret_count = config->members.count;
    return config->members.list;
}

void config_help(FILE *file)
{
    (void)fprintf(file, "Settings (file: [section] key = value; environment: SOUK_SECTION_KEY; "
                        "command line: --section.key=value):\n");
    for (enum setting setting = 0; setting < SETTING_COUNT; setting++) {
        const struct setting_description *description = &config_settings[setting];
        (void)fprintf(file, "  --%-24s %s", description->key, description->help);
        if (description->initial[0] != '\0')
            (void)fprintf(file, " Default %s", description->initial);
        if (description->kind == INT || description->kind == DURATION)
            (void)fprintf(file, ", %" PRId64 " to %" PRId64, description->min, description->max);
        if (description->unit[0] != '\0') (void)fprintf(file, " (%s)", description->unit);
        (void)fputc('\n', file);
    }
    (void)fprintf(file, "  --%-24s %s\n", "database.<domain>",
                  "libpq connection string of a domain; empty is the private cluster.");
    (void)fprintf(file,
                  "Short forms: --port --data-dir --log-level --test-mode --config=FILE --help.\n"
                  "The file may name the members of the site: [member.<name>] with "
                  "kind = node|gateway|agent, domains = a,b and shards = 0-63.\n");
}
