/* souk-export: products of a running market into a CSV file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog_messages.h"
#include "gateway/command/arguments.h"
#include "gateway/command/command.h"
#include "messages/product_file/product_writer.h"

enum {
    EXIT_CUT_SHORT = COMMAND_REFUSED,
    PAGE_BYTES_MAX = 32 << 20, /* of the rows of one page; a page of the market is 1 MiB */
    ARENA_BYTES = 1 << 16,
    PATIENCE_US = 60 * 1000 * 1000,
};

static const char name[] = "souk-export";

/* An export from its arguments to its end. */
struct export
{
    const char *vendor, *currency, *path;
    enum product_preset preset;
    struct product_more_columns more;
    bool is_feed;
    FILE *file;
    struct client *client;
    enum status joined, status;
    struct client_fault fault;
    struct arena *arena; /* of the fault */
    uint64_t products;
    bool is_written; /* all that was given to the file */
};

static const char usage[] =
    "usage: souk export [--vendor NAME] [--currency EUR] [--format plain|shopify|google]\n"
    "                   [--output FILE] [--data-dir DIR]\n"
    "\n"
    "Writes the products of the market as CSV, to standard output unless told. 'souk import' of a\n"
    "plain file changes nothing, and undoes no sale that was made meanwhile.\n"
    "\n"
    "  --vendor NAME   only this vendor's\n"
    "  --currency C    of the prices (default: the market's); feeds leave out what has none in it\n"
    "  --format NAME   plain (default), shopify, or google: what shoppers see, as a feed for\n"
    "                  shopping sites (RSS 2.0)\n"
    "  --output FILE   where to write\n"
    "\n"
    "Exit status: 0 done, 1 no such vendor, or cut short, 2 usage or a file that cannot be\n"
    "written, 3 no market is running.\n";

/* ---- writing ---- */

static void write_page(struct export *export, struct arena *arena,
                       const struct catalog_exported_page *page)
{
    struct text_builder rows;
    text_builder_init(&rows, arena, PAGE_BYTES_MAX);
    for (size_t i = 0; i < page->data_count; i++) {
        if (page->data[i].variants_count == 0) continue;
        product_write(&rows, export->preset, &export->more, &page->data[i]);
        export->products++;
    }
    const struct text text = text_builder_view(&rows);
    export->is_written = export->is_written && !rows.is_full &&
                         fwrite(text.data, 1, text.length, export->file) == text.length;
}

/* The first page says which columns there are; they are kept for all of the file. */
static void keep_columns(struct export *export, const struct catalog_exported_page *page)
{
    struct product_more_columns *more = &export->more;
    more->attribute_keys_count = page->attribute_keys_count;
    more->currencies_count = page->currencies_count;
    struct text *keys =
        arena_allocate_array(export->arena, page->attribute_keys_count, sizeof *keys);
    struct text *currencies =
        arena_allocate_array(export->arena, page->currencies_count, sizeof *currencies);
    for (size_t i = 0; i < page->attribute_keys_count; i++)
        keys[i] = text_copy(export->arena, page->attribute_keys[i]);
    for (size_t i = 0; i < page->currencies_count; i++)
        currencies[i] = text_copy(export->arena, page->currencies[i]);
    struct text *texts = arena_allocate_array(export->arena, page->texts_count, sizeof *texts);
    more->texts_count = page->texts_count;
    for (size_t i = 0; i < page->texts_count; i++)
        texts[i] = text_copy(export->arena, page->texts[i]);
    more->texts = texts;
    more->attribute_keys = keys;
    more->currencies = currencies;
}

static void write_header(struct export *export)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct text_builder header;
    text_builder_init(&header, arena, ARENA_BYTES);
    product_write_header(&header, export->preset, &export->more);
    const struct text text = text_builder_view(&header);
    export->is_written = fwrite(text.data, 1, text.length, export->file) == text.length;
    arena_destroy(&arena);
}

/* Page after page until the last, or until one cannot be had or written. */
static enum status write_products(struct export *export)
{
    struct catalog_export_products query = { .has_vendor = export->vendor != NULL,
                                             .vendor = text_trim(text_of(export->vendor)),
                                             .currency = text_of(export->currency) };
    export->is_written = true;
    for (bool has_more = true; has_more && export->is_written;) {
        struct catalog_exported_page page;
        struct arena *arena = arena_new(ARENA_BYTES);
        const enum status status = client_call(export->client, &catalog_export_products_message,
                                               &query, arena, &page, &export->fault);
        if (status == STATUS_OK && !query.has_after) {
            keep_columns(export, &page);
            write_header(export);
        }
        if (status == STATUS_OK) write_page(export, arena, &page);
        has_more = status == STATUS_OK && page.has_more && page.has_last;
        query.has_after = true;
        if (has_more) query.after = page.last;
        export->fault = (struct client_fault){
            .pointer = text_copy(export->arena, export->fault.pointer),
            .detail = text_copy(export->arena, export->fault.detail),
        };
        arena_destroy(&arena);
        TRY(status);
    }
    return STATUS_OK;
}

static bool write_text(struct export *export, struct text text)
{
    export->is_written =
        export->is_written && fwrite(text.data, 1, text.length, export->file) == text.length;
    return export->is_written;
}

/* A feed for shopping sites: its head once, then the items of each page. */
static enum status write_feed(struct export *export)
{
    struct catalog_export_feed query = { .has_vendor = export->vendor != NULL,
                                         .vendor = text_trim(text_of(export->vendor)),
                                         .currency = text_of(export->currency) };
    export->is_written = true;
    for (bool has_more = true; has_more && export->is_written;) {
        struct catalog_feed_page page;
        struct arena *arena = arena_new(ARENA_BYTES);
        const enum status status = client_call(export->client, &catalog_export_feed_message, &query,
                                               arena, &page, &export->fault);
        has_more = status == STATUS_OK && page.has_more;
        if (status == STATUS_OK && !query.has_after) (void)write_text(export, page.head);
        if (status == STATUS_OK) (void)write_text(export, page.items);
        if (status == STATUS_OK && !has_more) (void)write_text(export, page.tail);
        query.has_after = true;
        if (has_more) query.after = page.last;
        export->fault = (struct client_fault){
            .pointer = text_copy(export->arena, export->fault.pointer),
            .detail = text_copy(export->arena, export->fault.detail),
        };
        arena_destroy(&arena);
        TRY(status);
    }
    return STATUS_OK;
}

static void export_fiber(void *argument)
{
    struct export *export = argument;
    export->joined = client_join(export->client);
    if (export->joined != STATUS_OK) return;
    client_set_patience_us(export->client, PATIENCE_US);
    export->status = export->is_feed ? write_feed(export) : write_products(export);
}

/* ---- the end ---- */

static int settle(const struct export *export)
{
    if (!export->is_written) {
        fprintf(stderr, "%s: %s: %s\n", name, export->path == NULL ? "output" : export->path,
                strerror(errno));
        return COMMAND_USAGE;
    }
    if (client_is_outage(export->status)) return command_report_outage(name, export->status, false);
    if (export->status != STATUS_OK) {
        fprintf(stderr, "%s: refused: ", name);
        command_print_refusal(export->status, &export->fault);
        return EXIT_CUT_SHORT;
    }
    if (export->is_feed) return 0;
    fprintf(stderr, "%s: %llu products\n", name, (unsigned long long)export->products);
    return 0;
}

static int run(struct export *export, const struct config *config)
{
    export->client = command_open_client(name, config);
    if (export->client == NULL) return COMMAND_NO_MARKET;
    export->arena = arena_new(ARENA_BYTES);
    client_run(export->client, export_fiber, export);
    client_close(&export->client);
    if (export->joined != STATUS_OK) {
        command_print_no_market(name, config, export->joined);
        arena_destroy(&export->arena);
        return COMMAND_NO_MARKET;
    }
    if (fflush(export->file) != 0) export->is_written = false;
    const int exit_code = settle(export);
    arena_destroy(&export->arena);
    return exit_code;
}

static bool read_arguments(void *context, int *argc, char **argv)
{
    struct export *export = context;
    const char *operands[ARGUMENTS_OPERANDS_MAX];
    const char *format = NULL;
    if (arguments_extract_option(argc, argv, "--vendor", &export->vendor) != STATUS_OK ||
        arguments_extract_option(argc, argv, "--currency", &export->currency) != STATUS_OK ||
        arguments_extract_option(argc, argv, "--format", &format) != STATUS_OK ||
        arguments_extract_option(argc, argv, "--output", &export->path) != STATUS_OK ||
        arguments_extract_operands(argc, argv, operands) != 0)
        return false;
    export->is_feed = format != NULL && strcmp(format, "google") == 0;
    if (export->is_feed) return true;
    export->preset = format == NULL ? PRESET_PLAIN : product_preset_named(text_of(format));
    return export->preset == PRESET_PLAIN || export->preset == PRESET_SHOPIFY;
}

static int start(void *context, const struct config *config)
{
    struct export *export = context;
    if (export->currency == NULL) export->currency = config_text(config, SETTING_MARKET_CURRENCY);
    if (currency_exponent(export->currency) < 0) {
        fprintf(stderr, "%s: %s is no currency\n", name, export->currency);
        return COMMAND_USAGE;
    }
    /* Before the market is joined: root becomes another user then. */
    export->file = export->path == NULL ? stdout : fopen(export->path, "we");
    if (export->file == NULL) {
        fprintf(stderr, "%s: %s: %s\n", name, export->path, strerror(errno));
        return COMMAND_USAGE;
    }
    int exit_code = run(export, config);
    if (export->path != NULL && fclose(export->file) != 0 && exit_code == 0) {
        fprintf(stderr, "%s: %s: %s\n", name, export->path, strerror(errno));
        exit_code = COMMAND_USAGE;
    }
    return exit_code;
}

int main(int argc, char **argv)
{
    struct export export = { .path = NULL };
    const struct command command = { name, usage, read_arguments, start, &export };
    return command_main(&command, argc, argv);
}
