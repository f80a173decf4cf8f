/* Where settings come from: a file, the environment, the command line. */
#include <ini.h>
#include <string.h>

#include "runtime/config_internal.h"

static const struct {
    const char *alias, *key;
} aliases[] = {
    { "port", "gateway.port" },
    { "data_dir", "paths.data_dir" },
    { "log_level", "log.level" },
};

/* ---- the file ---- */

struct config_reader {
    struct config *config;
    FILE *file;
    const char *path;
    int line;
    enum status status; /* of the first problem */
};

/* inih does not tell its handler where it is, so lines are counted as it asks for them. */
static char *config_read_line(char *buffer, int size, void *stream)
{
    struct config_reader *reader = stream;
    if (reader->status != STATUS_OK) return NULL;
    if (fgets(buffer, size, reader->file) == NULL) return NULL;
    reader->line++;
    const size_t length = strlen(buffer);
    const bool is_whole = length > 0 && buffer[length - 1] == '\n';
    const char *origin =
        text_format(reader->config->arena, "%s:%d", reader->path, reader->line).data;
    if (!is_whole && length + 1 >= (size_t)size)
        reader->status =
            config_fail(reader->config, STATUS_MALFORMED, origin, "the line is too long");
    else if (reader->line > CONFIG_LINES_MAX)
        reader->status = config_fail(reader->config, STATUS_OVERLOADED, origin, "too many lines");
    return reader->status == STATUS_OK ? buffer : NULL;
}

static int config_on_line(void *context, const char *section, const char *name, const char *value)
{
    struct config_reader *reader = context;
    struct config *config = reader->config;
    if (reader->status != STATUS_OK) return 0;
    const struct config_place place = {
        SOURCE_FILE, text_format(config->arena, "%s:%d", reader->path, reader->line).data
    };
    const struct text prefix = text_of("member."), section_text = text_of(section);
    if (text_starts_with(section_text, prefix)) {
        const struct text member = { section + prefix.length, section_text.length - prefix.length };
        const char *problem = "";
        reader->status = config_member_set(&config->members, config->arena, member, text_of(name),
                                           text_of(value), &problem);
        if (reader->status != STATUS_OK)
            (void)config_fail(config, reader->status, place.origin, "%s", problem);
    } else {
        const struct text key =
            text_format(config->arena, "%s%s%s", section, section[0] == '\0' ? "" : ".", name);
        reader->status = config_set(config, key, text_of(value), place);
    }
    return reader->status == STATUS_OK;
}

enum status config_load_file(struct config *config, const char *path)
{
    assert(config != NULL);
    assert(path != NULL);
    struct config_reader reader = { .config = config, .path = path };
    reader.file = fopen(path, "re");
    if (reader.file == NULL)
        return config_fail(config, STATUS_UNAVAILABLE, path, "the file cannot be read");
    /* Debian's libinih takes its limits from these variables of its own. */
    ini_use_stack = false;
    ini_max_line = CONFIG_LINE_MAX;
    ini_initial_alloc = CONFIG_LINE_MAX;
    ini_allow_multiline = false;
    const int line = ini_parse_stream(config_read_line, &reader, config_on_line, &reader);
    (void)fclose(reader.file);
    if (reader.status == STATUS_OK && line != 0) {
        const char *origin = text_format(config->arena, "%s:%d", path, line).data;
        return config_fail(config, STATUS_MALFORMED, origin, "neither [section] nor key = value");
    }
    return reader.status;
}

/* ---- the environment ---- */

/* "gateway.port" -> "GATEWAY_PORT" */
static void environment_name(const char *key, char ret_name[CONFIG_NAME_MAX])
{
    size_t i = 0;
    for (; key[i] != '\0' && i < CONFIG_NAME_MAX - 1; i++)
        ret_name[i] = key[i] >= 'a' && key[i] <= 'z' ? (char)(key[i] - 'a' + 'A')
                                                     : (key[i] == '.' ? '_' : key[i]);
    ret_name[i] = '\0';
}

/* True if the name starts with a section of ours, so that it can only be a slip. */
static bool environment_is_ours(struct text name)
{
    for (enum setting setting = 0; setting < SETTING_COUNT; setting++) {
        const char *dot = strchr(config_settings[setting].key, '.');
        char section[CONFIG_NAME_MAX];
        environment_name(config_settings[setting].key, section);
        if (dot == NULL) continue;
        const size_t length = (size_t)(dot - config_settings[setting].key) + 1; /* with the '_' */
        if (text_starts_with(name, (struct text){ section, length })) return true;
    }
    return false;
}

static enum status config_set_environment(struct config *config, struct text name,
                                          struct text value)
{
    const struct config_place place = {
        SOURCE_ENVIRONMENT,
        text_format(config->arena, "environment SOUK_%.*s", (int)name.length, name.data).data
    };
    for (enum setting setting = 0; setting < SETTING_COUNT; setting++) {
        char expected[CONFIG_NAME_MAX];
        environment_name(config_settings[setting].key, expected);
        if (text_equals_string(name, expected))
            return config_set_setting(config, setting, value, place);
    }
    const struct text database = text_of("DATABASE_");
    if (text_starts_with(name, database)) {
        char *domain = arena_copy(config->arena, name.data, name.length);
        for (size_t i = 0; i < name.length; i++)
            if (domain[i] >= 'A' && domain[i] <= 'Z') domain[i] = (char)(domain[i] - 'A' + 'a');
        return config_set_database(
            config, (struct text){ domain + database.length, name.length - database.length }, value,
            place);
    }
    if (text_equals_string(name, "CONFIG")) {
        if (config->file == NULL) config->file = text_string(config->arena, value);
        return STATUS_OK;
    }
    if (environment_is_ours(name))
        return config_fail(config, STATUS_UNKNOWN_FIELD, place.origin, "there is no such setting");
    return STATUS_OK;
}

enum status config_load_environment(struct config *config, char *const *environment)
{
    assert(config != NULL);
    assert(environment != NULL);
    const struct text prefix = text_of("SOUK_");
    for (size_t i = 0; environment[i] != NULL; i++) {
        struct text name = text_of(environment[i]);
        const char *equals = strchr(environment[i], '=');
        if (equals == NULL || !text_starts_with(name, prefix)) continue;
        name = (struct text){ name.data + prefix.length,
                              (size_t)(equals - environment[i]) - prefix.length };
        TRY(config_set_environment(config, name, text_of(equals + 1)));
    }
    return STATUS_OK;
}

/* ---- the command line ---- */

static bool config_is_bool(struct text key)
{
    for (enum setting setting = 0; setting < SETTING_COUNT; setting++)
        if (text_equals_string(key, config_settings[setting].key))
            return config_settings[setting].kind == BOOL;
    return false;
}

/* "data-dir" -> "paths.data_dir"; the value behind '=' is left alone. */
static struct text argument_key(struct arena *arena, struct text name)
{
    char *key = arena_copy(arena, name.data, name.length);
    for (size_t i = 0; i < name.length; i++)
        if (key[i] == '-') key[i] = '_';
    const struct text text = { key, name.length };
    for (size_t i = 0; i < ARRAY_LENGTH(aliases); i++)
        if (text_equals_string(text, aliases[i].alias)) return text_of(aliases[i].key);
    return text;
}

/* Reads the option at `*position` and moves on behind it and its value. */
static enum status config_set_argument(struct config *config, int argc, char *const *argv,
                                       int *position)
{
    const char *argument = argv[(*position)++] + 2;
    const char *equals = strchr(argument, '=');
    const struct text name = { argument,
                               equals != NULL ? (size_t)(equals - argument) : strlen(argument) };
    struct text key = argument_key(config->arena, name);
    /* Domains may have a '-' in their name. */
    if (text_starts_with(name, text_of("database."))) key = name;
    const struct config_place place = {
        SOURCE_ARGUMENT, text_format(config->arena, "--%.*s", (int)name.length, name.data).data
    };
    if (text_equals_string(key, "help")) {
        config->wants_help = true;
        return STATUS_OK;
    }
    const char *value = equals != NULL ? equals + 1 : NULL;
    if (value == NULL && config_is_bool(key)) value = "true";
    if (value == NULL) {
        if (*position == argc)
            return config_fail(config, STATUS_MALFORMED, place.origin, "a value is missing");
        value = argv[(*position)++];
    }
    if (text_equals_string(key, "config")) {
        config->file = value;
        return STATUS_OK;
    }
    return config_set(config, key, text_of(value), place);
}

enum status config_load_arguments(struct config *config, int argc, char *const *argv,
                                  int *ret_first_positional)
{
    assert(config != NULL);
    assert(ret_first_positional != NULL);
    int position = 1;
    while (position < argc) {
        if (strncmp(argv[position], "--", 2) != 0) break;
        if (argv[position][2] == '\0') {
            position++;
            break;
        }
        TRY(config_set_argument(config, argc, argv, &position));
    }
    *ret_first_positional = position < argc ? position : argc;
    return STATUS_OK;
}

/* ---- all of them ---- */

enum status config_load(struct config *config, int argc, char *const *argv,
                        char *const *environment, int *ret_first_positional)
{
    int first_positional;
    TRY(config_load_environment(config, environment));
    TRY(config_load_arguments(config, argc, argv, &first_positional));
    if (config->file != NULL) TRY(config_load_file(config, config->file));
    TRY(config_check(config));
    *ret_first_positional = first_positional;
    return STATUS_OK;
}
