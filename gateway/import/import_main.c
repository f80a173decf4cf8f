/* souk-import: products from a CSV file into a running market. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/command/arguments.h"
#include "gateway/command/command.h"
#include "gateway/import/importer.h"
#include "runtime/plain_text.h"
#include "vendor_messages.h"

enum { EXIT_BAD_ROWS = COMMAND_REFUSED, EXIT_INTERRUPTED = 130, READING_MAX = 4096 };

static const char name[] = "souk-import";
static const char changed_meanwhile[] =
    "the file was changed while it was read; repeat the command when it is whole";

/* An import from its arguments to its end. */
struct import {
    const char *path, *vendor, *currency;
    enum product_preset preset;
    struct product_mapping map[PRODUCT_MAP_MAX];
    size_t map_count;
    char reading[READING_MAX]; /* the preset and the mappings, as they were given */
    char *real_path;           /* as the user who called sees it; root becomes another one */
    bool is_check, is_dry_run;
    int file; /* -1: not open */
    struct stat info;
    struct import_options options;
    char state_path[IMPORT_STATE_PATH_MAX];
    struct import_state start;
    struct client *client;
    enum status joined;
    struct import_result result;
};

static const char usage[] =
    "usage: souk import FILE.csv [--vendor NAME] [--currency EUR] [--preset NAME] [--map "
    "COL=FIELD]\n"
    "                   [--dry-run | --check] [--data-dir DIR]\n"
    "\n"
    "Products that exist are changed, others made; vendors and categories that are missing are\n"
    "made. An import that was cut short goes on where it was.\n"
    "\n"
    "  --vendor NAME    sells what the file gives no vendor for\n"
    "  --currency C     of the prices (default: the market's)\n"
    "  --preset NAME    shopify, woocommerce, medusa, spree or plain (default: whose columns the\n"
    "                   header has)\n"
    "  --map COL=FIELD  the column is this field; may be repeated. Fields: handle name "
    "description\n"
    "                   description_html vendor category type published status tax_class sku "
    "barcode\n"
    "                   price compare_at_price sale_price currency quantity quantity_was "
    "weight_grams\n"
    "                   weight_unit sells_ahead ahead_limit available_on image image_position\n"
    "                   option1_name option1_value ... "
    "option3_value\n"
    "  --dry-run        asks the market what would be made and changed, and writes nothing\n"
    "  --check          reads the file only; needs no market\n"
    "\n"
    "Exit status: 0 done, 1 some products were bad, 2 usage or no such file, 3 no market is\n"
    "running, 130 interrupted.\n";

/* The file is as long as it was when it was opened, or it is another one: what is added while it
 * is read may be the half of a row. */
static enum status check_file(const struct import *import)
{
    struct stat now;
    if (fstat(import->file, &now) != 0) return STATUS_UNAVAILABLE;
    const bool is_same = now.st_size == import->info.st_size &&
                         now.st_mtim.tv_sec == import->info.st_mtim.tv_sec &&
                         now.st_mtim.tv_nsec == import->info.st_mtim.tv_nsec;
    return is_same ? STATUS_OK : STATUS_CONFLICT;
}

static enum status read_source(void *context, uint64_t offset, char *buffer, size_t capacity,
                               size_t *ret_length)
{
    const struct import *import = context;
    const uint64_t size = (uint64_t)import->info.st_size;
    const uint64_t left = offset < size ? size - offset : 0;
    ssize_t length = 0;
    if (left == 0) TRY(check_file(import));
    if (left < capacity) capacity = (size_t)left;
    do {
        length = capacity == 0 ? 0 : pread(import->file, buffer, capacity, (off_t)offset);
    } while (length < 0 && errno == EINTR);
    if (length < 0) return STATUS_UNAVAILABLE;
    if (length == 0 && left > 0) return STATUS_CONFLICT; /* it has shrunk */
    *ret_length = (size_t)length;
    return STATUS_OK;
}

/* Opens the file, reads its header and surveys it; says why when it cannot. It is read at any place
 * and more than once, so a pipe is refused; to open one would wait for somebody who writes. */
static bool open_file(struct import *import)
{
    import->file = open(import->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (import->file < 0 || fstat(import->file, &import->info) != 0 ||
        !S_ISREG(import->info.st_mode)) {
        fprintf(stderr, "souk-import: %s: %s\n", import->path,
                import->file < 0 ? strerror(errno)
                                 : "is no regular file; write what comes from a "
                                   "pipe into one first");
        return false;
    }
    import->real_path = realpath(import->path, NULL);
    const struct byte_source source = { .context = import, .read = read_source };
    const struct product_file_options options = { .vendor = text_trim(text_of(import->vendor)),
                                                  .currency = import->currency,
                                                  .preset = import->preset,
                                                  .map = import->map,
                                                  .map_count = import->map_count };
    import->options = (struct import_options){ .path = import->path,
                                               .size = (uint64_t)import->info.st_size,
                                               .reader = product_reader_new(&source, &options),
                                               .patience_us = IMPORT_PATIENCE_US,
                                               .has_bar = isatty(STDERR_FILENO) == 1,
                                               .is_dry_run = import->is_dry_run };
    struct file_problem problem = { 1, "", "the file cannot be read", false };
    const enum status status = product_reader_open(import->options.reader, &problem);
    if (status == STATUS_CONFLICT) problem.detail = changed_meanwhile;
    if (status != STATUS_OK) {
        import_print_problem(&import->options, &problem);
        return false;
    }
    const struct product_file_facts facts = product_reader_facts(import->options.reader);
    fprintf(stderr, "souk-import: %s: %s, %s, %llu products\n", import->path,
            product_preset_name(facts.preset), file_form_name(&facts.form),
            (unsigned long long)facts.products);
    if (facts.ignored != NULL)
        fprintf(stderr, "souk-import: %s: columns are ignored: %s\n", import->path, facts.ignored);
    return true;
}

/* Continues where the last run of this import ended, if it was cut short. */
static void resume(struct import *import, const char *data_dir)
{
    const struct import_source source = {
        .path = import->real_path,
        .size = (uint64_t)import->info.st_size,
        .modified_ns =
            (int64_t)import->info.st_mtim.tv_sec * 1000000000 + import->info.st_mtim.tv_nsec,
        .vendor = import->vendor,
        .currency = import->currency,
        .reading = import->reading,
    };
    if (import->real_path == NULL ||
        import_state_path(data_dir, &source, import->state_path) != STATUS_OK) {
        fputs("souk-import: progress cannot be kept; a repetition will start over\n", stderr);
        return;
    }
    import->options.state_path = import->state_path;
    struct import_state state;
    if (import_state_load(import->state_path, &state) != STATUS_OK || state.offset == 0 ||
        state.offset > import->options.size)
        return;
    import->start = state;
    product_reader_resume(import->options.reader, state.offset, state.line);
    fprintf(stderr, "souk-import: going on at line %llu, behind %llu products\n",
            (unsigned long long)state.line, (unsigned long long)state.counts.products);
}

static void import_fiber(void *argument)
{
    struct import *import = argument;
    import->joined = client_join(import->client);
    if (import->joined != STATUS_OK) return;
    import->result = import_run(import->client, &import->options, &import->start);
}

static void print_summary(const struct import *import, int64_t elapsed_us)
{
    const struct import_counts *counts = &import->result.state.counts;
    const uint64_t rows = counts->rows - import->start.counts.rows;
    const uint64_t rate = elapsed_us <= 0 ? rows : rows * 1000000 / (uint64_t)elapsed_us;
    printf("%llu products (%llu rows): ", (unsigned long long)counts->products,
           (unsigned long long)counts->rows);
    if (import->is_check)
        printf("%llu good", (unsigned long long)(counts->products - counts->bad));
    else
        printf("%s%llu created, %llu updated, %llu unchanged",
               import->is_dry_run ? "it would be " : "", (unsigned long long)counts->created,
               (unsigned long long)counts->updated, (unsigned long long)counts->unchanged);
    printf(", %llu bad; %llu rows/s\n", (unsigned long long)counts->bad, (unsigned long long)rate);
}

/* Says how it ended, and leaves or removes what the next run needs. Returns the exit code. */
static int settle(const struct import *import)
{
    const struct import_result *result = &import->result;
    if (result->status == STATUS_OK) {
        if (import->options.state_path != NULL) import_state_remove(import->options.state_path);
        return result->state.counts.bad > 0 ? EXIT_BAD_ROWS : 0;
    }
    if (import->options.state_path != NULL &&
        import_state_save(import->options.state_path, &result->state) != STATUS_OK)
        fputs("souk-import: progress could not be kept\n", stderr);
    if (result->status == STATUS_STOPPING) {
        fputs("souk-import: interrupted; the same command goes on from here\n", stderr);
        return EXIT_INTERRUPTED;
    }
    if (result->status == STATUS_UNAVAILABLE) {
        fprintf(stderr,
                "souk-import: the market does not answer (%s); "
                "the same command goes on from here\n",
                status_name(result->outage));
        return COMMAND_NO_MARKET;
    }
    fprintf(stderr, "souk-import: %s: %s\n", import->path,
            result->status == STATUS_CONFLICT ? changed_meanwhile : "cannot be read");
    return COMMAND_USAGE;
}

static int check(struct import *import)
{
    const int64_t started_us = clock_now_us(&platform_clock);
    import->result = import_check(&import->options);
    print_summary(import, clock_now_us(&platform_clock) - started_us);
    if (import->result.status != STATUS_OK) return COMMAND_USAGE;
    return import->result.state.counts.bad > 0 ? EXIT_BAD_ROWS : 0;
}

static int run(struct import *import, const struct config *config)
{
    import->client = command_open_client(name, config);
    if (import->client == NULL) return COMMAND_NO_MARKET;
    import->start = (struct import_state){ .line = 1 };
    if (!import->is_dry_run) resume(import, config_text(config, SETTING_PATHS_DATA_DIR));
    const int64_t started_us = clock_now_us(&platform_clock);
    client_run(import->client, import_fiber, import);
    client_close(&import->client);
    if (import->joined == STATUS_STOPPING) return EXIT_INTERRUPTED;
    if (import->joined != STATUS_OK) {
        command_print_no_market(name, config, import->joined);
        return COMMAND_NO_MARKET;
    }
    print_summary(import, clock_now_us(&platform_clock) - started_us);
    return settle(import);
}

/* All mappings of the arguments. */
static bool read_mappings(struct import *import, int *argc, char **argv)
{
    const char *text;
    for (;;) {
        const enum status status = arguments_extract_first(argc, argv, "--map", &text);
        if (status == STATUS_NOT_FOUND) return true;
        if (status != STATUS_OK || import->map_count == PRODUCT_MAP_MAX) return false;
        struct product_mapping *mapping = &import->map[import->map_count++];
        if (product_mapping_read(text_of(text), mapping) != STATUS_OK) {
            fprintf(stderr, "souk-import: --map %s: there is no such field\n", text);
            return false;
        }
        const size_t length = strlen(import->reading);
        const int added =
            snprintf(import->reading + length, sizeof import->reading - length, "%s\n", text);
        if (added < 0 || (size_t)added >= sizeof import->reading - length) return false;
    }
}

static bool read_preset(struct import *import, const char *name_of_preset)
{
    import->preset = PRESET_BY_HEADER;
    if (name_of_preset == NULL) return true;
    import->preset = product_preset_named(text_of(name_of_preset));
    if (import->preset == PRESETS) {
        fprintf(stderr, "souk-import: --preset %s: there is none of that name\n", name_of_preset);
        return false;
    }
    (void)snprintf(import->reading, sizeof import->reading, "%s\n",
                   product_preset_name(import->preset));
    return true;
}

static bool is_vendor_name(const char *given)
{
    const struct text vendor = text_trim(text_of(given));
    return plain_text_is_name(vendor) &&
           text_characters(vendor) <=
               (size_t)schema_field(&vendor_import_vendor_schema, "name")->max;
}

static bool read_arguments(void *context, int *argc, char **argv)
{
    struct import *import = context;
    const char *operands[ARGUMENTS_OPERANDS_MAX];
    const char *preset = NULL;
    if (arguments_extract_option(argc, argv, "--vendor", &import->vendor) != STATUS_OK ||
        arguments_extract_option(argc, argv, "--currency", &import->currency) != STATUS_OK ||
        arguments_extract_option(argc, argv, "--preset", &preset) != STATUS_OK ||
        !read_preset(import, preset) || !read_mappings(import, argc, argv))
        return false;
    import->is_check = arguments_extract_flag(argc, argv, "--check");
    import->is_dry_run = arguments_extract_flag(argc, argv, "--dry-run");
    if (import->is_check && import->is_dry_run) return false;
    if (arguments_extract_operands(argc, argv, operands) != 1) return false;
    import->path = operands[0];
    return import->vendor == NULL || is_vendor_name(import->vendor);
}

static int start(void *context, const struct config *config)
{
    struct import *import = context;
    if (import->currency == NULL) import->currency = config_text(config, SETTING_MARKET_CURRENCY);
    if (currency_exponent(import->currency) < 0) {
        fprintf(stderr, "souk-import: %s is no currency\n", import->currency);
        return COMMAND_USAGE;
    }
    int exit_code = COMMAND_USAGE;
    if (open_file(import)) exit_code = import->is_check ? check(import) : run(import, config);
    product_reader_destroy(&import->options.reader);
    free(import->real_path);
    if (import->file >= 0) (void)close(import->file);
    return exit_code;
}

int main(int argc, char **argv)
{
    static struct import import = { .file = -1 };
    const struct command command = { name, usage, read_arguments, start, &import };
    return command_main(&command, argc, argv);
}
