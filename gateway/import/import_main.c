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

enum { EXIT_BAD_ROWS = COMMAND_REFUSED, EXIT_INTERRUPTED = 130 };

static const char name[] = "souk-import";

/* An import from its arguments to its end. */
struct import {
    const char *path, *vendor, *currency;
    char *real_path; /* as the user who called sees it; root becomes another one */
    bool is_dry_run;
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
    "usage: souk import FILE.csv [--vendor NAME] [--currency EUR] [--dry-run] [--data-dir DIR]\n"
    "\n"
    "Reads Shopify's product CSV. Products that exist are changed, others made; vendors and\n"
    "categories that are missing are made. An import that was cut short goes on where it was.\n"
    "\n"
    "  --vendor NAME   sells what the file gives no vendor for\n"
    "  --currency C    of the prices (default: the market's)\n"
    "  --dry-run       checks the file and writes nothing; needs no market\n"
    "\n"
    "Exit status: 0 done, 1 some products were bad, 2 usage or no such file, 3 no market is\n"
    "running, 130 interrupted.\n";

static enum status read_source(void *context, char *buffer, size_t capacity, size_t *ret_length)
{
    const struct import *import = context;
    ssize_t length;
    do {
        length = read(import->file, buffer, capacity);
    } while (length < 0 && errno == EINTR);
    if (length < 0) return STATUS_UNAVAILABLE;
    *ret_length = (size_t)length;
    return STATUS_OK;
}

/* Opens the file and reads its header; says why when it cannot. */
static bool open_file(struct import *import)
{
    import->file = open(import->path, O_RDONLY | O_CLOEXEC);
    if (import->file < 0 || fstat(import->file, &import->info) != 0 ||
        !S_ISREG(import->info.st_mode)) {
        fprintf(stderr, "souk-import: %s: %s\n", import->path,
                import->file < 0 ? strerror(errno) : "is no regular file");
        return false;
    }
    import->real_path = realpath(import->path, NULL);
    const struct csv_source source = { .context = import, .read = read_source };
    const struct product_file_options options = { .vendor = import->vendor,
                                             .currency = import->currency };
    import->options = (struct import_options){ .path = import->path,
                                               .size = (uint64_t)import->info.st_size,
                                               .reader = product_reader_new(&source, &options),
                                               .patience_us = IMPORT_PATIENCE_US,
                                               .has_bar = isatty(STDERR_FILENO) == 1 };
    struct file_problem problem = { 1, "", "the file cannot be read" };
    const enum status status = product_reader_open(import->options.reader, &problem);
    if (status != STATUS_OK)
        fprintf(stderr, "%s:%llu: %s%s%s\n", import->path, (unsigned long long)problem.line,
                problem.column, problem.column[0] == '\0' ? "" : ": ", problem.detail);
    return status == STATUS_OK;
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
    };
    import->start = (struct import_state){ .line = 1 };
    if (import->real_path == NULL ||
        import_state_path(data_dir, &source, import->state_path) != STATUS_OK) {
        fputs("souk-import: progress cannot be kept; a repetition will start over\n", stderr);
        return;
    }
    import->options.state_path = import->state_path;
    struct import_state state;
    if (import_state_load(import->state_path, &state) != STATUS_OK || state.offset == 0 ||
        state.offset > import->options.size ||
        lseek(import->file, (off_t)state.offset, SEEK_SET) < 0)
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
    if (import->is_dry_run)
        printf("%llu good", (unsigned long long)(counts->products - counts->bad));
    else
        printf("%llu created, %llu updated, %llu unchanged", (unsigned long long)counts->created,
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
    fprintf(stderr, "souk-import: %s cannot be read\n", import->path);
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
    resume(import, config_text(config, SETTING_PATHS_DATA_DIR));
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

static bool read_arguments(void *context, int *argc, char **argv)
{
    struct import *import = context;
    const char *operands[ARGUMENTS_OPERANDS_MAX];
    if (arguments_extract_option(argc, argv, "--vendor", &import->vendor) != STATUS_OK ||
        arguments_extract_option(argc, argv, "--currency", &import->currency) != STATUS_OK)
        return false;
    import->is_dry_run = arguments_extract_flag(argc, argv, "--dry-run");
    if (arguments_extract_operands(argc, argv, operands) != 1) return false;
    import->path = operands[0];
    if (import->vendor == NULL) return true;
    const struct text vendor = text_trim(text_of(import->vendor));
    return vendor.length > 0 && text_characters(vendor) <= PRODUCT_VENDOR_MAX &&
           text_is_utf8(vendor);
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
    if (open_file(import)) exit_code = import->is_dry_run ? check(import) : run(import, config);
    product_reader_destroy(&import->options.reader);
    free(import->real_path);
    if (import->file >= 0) (void)close(import->file);
    return exit_code;
}

int main(int argc, char **argv)
{
    struct import import = { .file = -1 };
    const struct command command = { name, usage, read_arguments, start, &import };
    return command_main(&command, argc, argv);
}
