/* Sends the products of a file to the market, up to IMPORT_WINDOW at once, and keeps count of what
 * became of them. */
#pragma once

#include "gateway/command/client.h"
#include "gateway/import/import_state.h"
#include "gateway/import/shopify.h"

enum {
    IMPORT_WINDOW = 128, /* products under way */
    IMPORT_PATIENCE_US = 60 * 1000 * 1000,
    IMPORT_SAVE_US = 2 * 1000 * 1000,
    IMPORT_PROGRESS_US = 100 * 1000,
};

struct import_options {
    const char *path; /* of the file, for complaints */
    uint64_t size;    /* of the file */
    struct shopify_reader *reader;
    const char *state_path; /* NULL: progress is not kept */
    int64_t patience_us;    /* how long a product is tried again over outages */
    bool has_bar;           /* a progress bar on standard error */
};

/* How an import ended. */
struct import_result {
    struct import_state state;
    enum status status; /* OK (all is read), UNAVAILABLE (outage), STOPPING (told to), CORRUPT (file
                           cannot be read) */
    enum status outage; /* the status behind UNAVAILABLE */
};

/* Prints the problems of a product: "FILE:17: Variant Price: '12,50' is not a price". */
void import_print_problems(const struct import_options *options,
                           const struct shopify_product *product);
/* Draws the bar, if there is one. */
void import_draw_bar(const struct import_options *options, const struct import_state *state);
void import_clear_bar(const struct import_options *options);

/* Reads everything from `start` on and writes nothing. */
struct import_result import_check(const struct import_options *options);
/* Goes on from `start`. Stops between products when the client gives up. WAITS. */
struct import_result import_run(struct client *client, const struct import_options *options,
                                const struct import_state *start);
