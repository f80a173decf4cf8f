/* Sends the products of a file to the market, up to IMPORT_WINDOW at once, and counts what became
 * of them. */
#pragma once

#include "gateway/command/client.h"
#include "gateway/import/import_state.h"
#include "messages/product_file/product_reader.h"

enum {
    IMPORT_WINDOW = 256, /* products under way */
    IMPORT_PATIENCE_US = 60 * 1000 * 1000,
    IMPORT_SAVE_US = 2 * 1000 * 1000,
    IMPORT_PROGRESS_US = 100 * 1000,
};

struct import_options {
    const char *path; /* of the file, to name it in messages */
    uint64_t size;    /* of the file */
    struct product_reader *reader;
    const char *state_path; /* NULL: progress is not kept */
    int64_t patience_us;    /* how long a product is tried again over outages */
    bool has_bar;           /* a progress bar on standard error */
    bool is_dry_run;        /* the market is asked what it would do, and does nothing */
};

/* How an import ended. */
struct import_result {
    struct import_state state;
    enum status status; /* OK (all is read), UNAVAILABLE (outage), STOPPING (told to), CORRUPT (file
                           cannot be read), CONFLICT (file was changed meanwhile) */
    enum status outage; /* the status behind UNAVAILABLE */
};

/* Prints a problem: "FILE:17: Price: '12,5x' is not a price, such as 19.99". */
void import_print_problem(const struct import_options *options, const struct file_problem *problem);
/* The same of all problems of a product, after the bar is cleared. */
void import_print_problems(const struct import_options *options,
                           const struct file_product *product);
/* Draws the bar, if there is to be one. */
void import_draw_bar(const struct import_options *options, const struct import_state *state);
/* Clears its line, for another message. */
void import_clear_bar(const struct import_options *options);

/* Reads the whole file, tells of the problems, and sends nothing. */
struct import_result import_check(const struct import_options *options);
/* Sends the products that the reader gives; `start` is where it stands and what was counted before.
 * Stops between products when the client gives up. WAITS. */
struct import_result import_run(struct client *client, const struct import_options *options,
                                const struct import_state *start);
