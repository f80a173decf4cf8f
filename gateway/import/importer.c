/* The pipeline of an import: one fiber reads the file, and up to IMPORT_WINDOW others each carry a
 * product to the market. Products end in any order, but the state moves in the order of the file:
 * it never passes a product that has not ended. */
#include "gateway/import/importer.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/command/command.h"
#include "gateway/import/name_ids.h"
#include "messages/normal_form.h"
#include "vendor_messages.h"

enum { PRODUCT_ARENA_BYTES = 16384, BAR_WIDTH = 30, TURN_PRODUCTS = 64 };

enum outcome { OUTCOME_NONE, OUTCOME_CREATED, OUTCOME_UPDATED, OUTCOME_UNCHANGED, OUTCOME_BAD };

/* One product of the window. */
struct slot {
    struct importer *importer;
    struct arena *arena;
    struct file_product *product;
    uint64_t end_offset, end_line;
    size_t rows_count;
    enum outcome outcome; /* NONE: under way */
};

struct importer {
    struct client *client;
    const struct import_options *options;
    struct name_ids *vendors, *categories;
    struct slot slots[IMPORT_WINDOW];
    size_t head, tail; /* of the window; positions modulo IMPORT_WINDOW */
    size_t under_way;
    struct completion *room; /* the reading fiber waits for it; NULL: it does not wait */
    struct import_state state;
    enum status outage;        /* what the first product ended with that nobody answered; or OK */
    struct uuid run_id;        /* of this import, which began at ... */
    int64_t run_started_at_us; /* ... this market time */
    int64_t saved_us, drawn_us;
};

/* ---- what the operator sees ---- */

void import_clear_bar(const struct import_options *options)
{
    if (options->has_bar) fputs("\r\033[K", stderr);
}

void import_draw_bar(const struct import_options *options, const struct import_state *state)
{
    if (!options->has_bar) return;
    char bar[BAR_WIDTH + 1];
    const uint64_t size = options->size == 0 ? 1 : options->size;
    const uint64_t filled = state->offset >= size ? BAR_WIDTH : state->offset * BAR_WIDTH / size;
    for (size_t i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < filled ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r[%s] %3llu %%  %llu products, %llu bad\033[K", bar,
            (unsigned long long)(state->offset >= size ? 100 : state->offset * 100 / size),
            (unsigned long long)state->counts.products, (unsigned long long)state->counts.bad);
}

void import_print_problem(const struct import_options *options, const struct file_problem *problem)
{
    fprintf(stderr, "%s:%llu: %s%s%s%s\n", options->path, (unsigned long long)problem->line,
            problem->is_warning ? "warning: " : "", problem->column,
            problem->column[0] == '\0' ? "" : ": ", problem->detail);
}

void import_print_problems(const struct import_options *options, const struct file_product *product)
{
    if (product->problems_count > 0) import_clear_bar(options);
    for (size_t i = 0; i < product->problems_count; i++)
        import_print_problem(options, &product->problems[i]);
}

static void print_refusal(const struct slot *slot, const char *what, enum status status,
                          const struct client_fault *fault)
{
    const struct import_options *options = slot->importer->options;
    import_clear_bar(options);
    (void)fprintf(stderr, "%s:%llu: %s refused: ", options->path,
                  (unsigned long long)file_product_line_of(slot->product, fault->pointer), what);
    command_print_refusal(status, fault);
}

/* ---- the window ---- */

static void count_product(struct import_counts *counts, size_t rows_count, enum outcome outcome)
{
    counts->products++;
    counts->rows += rows_count;
    counts->created += outcome == OUTCOME_CREATED;
    counts->updated += outcome == OUTCOME_UPDATED;
    counts->unchanged += outcome == OUTCOME_UNCHANGED;
    counts->bad += outcome == OUTCOME_BAD;
}

/* Draws the bar and saves the state, each now and then: a save waits for the disk. */
static void keep_state(struct importer *importer)
{
    const int64_t now_us = loop_now_us(client_loop(importer->client));
    if (now_us - importer->drawn_us >= IMPORT_PROGRESS_US) {
        import_draw_bar(importer->options, &importer->state);
        importer->drawn_us = now_us;
    }
    if (importer->options->state_path == NULL || now_us - importer->saved_us < IMPORT_SAVE_US)
        return;
    /* Without a state the next run sends again what is done, which changes nothing. */
    IGNORE(import_state_save(importer->options->state_path, &importer->state));
    importer->saved_us = now_us;
}

/* Ends a slot, and moves the state over all products that have ended without a gap. */
static void finish_slot(struct importer *importer, struct slot *slot, enum outcome outcome)
{
    assert(outcome != OUTCOME_NONE);
    assert(slot->outcome == OUTCOME_NONE);
    slot->outcome = outcome;
    arena_destroy(&slot->arena);
    slot->product = NULL;
    while (importer->head != importer->tail) {
        const struct slot *first = &importer->slots[importer->head % IMPORT_WINDOW];
        if (first->outcome == OUTCOME_NONE) break;
        count_product(&importer->state.counts, first->rows_count, first->outcome);
        importer->state.offset = first->end_offset;
        importer->state.line = first->end_line;
        importer->head++;
    }
    keep_state(importer);
}

/* ---- one product ---- */

/* The id of a vendor or a category, and whether it would be made in a run that makes none. */
struct target {
    struct uuid id;
    bool is_to_be_made;
};

static enum status find_vendor(struct slot *slot, struct target *ret_vendor,
                               struct client_fault *ret_fault)
{
    struct importer *importer = slot->importer;
    const struct text key = normal_key(slot->arena, slot->product->vendor);
    *ret_vendor = (struct target){ .is_to_be_made = false };
    if (name_ids_find(importer->vendors, key, &ret_vendor->id)) return STATUS_OK;
    const struct vendor_import_vendor command = { .name = slot->product->vendor,
                                                  .has_is_dry_run = importer->options->is_dry_run,
                                                  .is_dry_run = true };
    struct vendor_vendor_imported reply;
    TRY(client_call(importer->client, &vendor_import_vendor_message, &command, slot->arena, &reply,
                    ret_fault));
    ret_vendor->id = reply.vendor_id;
    ret_vendor->is_to_be_made = importer->options->is_dry_run && reply.is_created;
    if (!ret_vendor->is_to_be_made) name_ids_add(importer->vendors, key, reply.vendor_id);
    return STATUS_OK;
}

static enum status find_category(struct slot *slot, struct uuid *ret_id,
                                 struct client_fault *ret_fault)
{
    struct importer *importer = slot->importer;
    const struct text key = normal_key(slot->arena, slot->product->category);
    if (name_ids_find(importer->categories, key, ret_id)) return STATUS_OK;
    const struct catalog_import_category command = { .path = slot->product->category,
                                                     .has_is_dry_run =
                                                         importer->options->is_dry_run,
                                                     .is_dry_run = true };
    struct catalog_category_imported reply;
    TRY(client_call(importer->client, &catalog_import_category_message, &command, slot->arena,
                    &reply, ret_fault));
    name_ids_add(importer->categories, key, reply.category_id);
    *ret_id = reply.category_id;
    return STATUS_OK;
}

static enum status send_product(struct slot *slot, const char **ret_what, enum outcome *ret_outcome,
                                struct client_fault *ret_fault)
{
    const struct importer *importer = slot->importer;
    struct catalog_import_product command = slot->product->command;
    struct catalog_product_imported reply;
    struct target vendor_found;
    char vendor[ID_TEXT_MAX + 1];
    *ret_what = "vendor";
    TRY(find_vendor(slot, &vendor_found, ret_fault));
    *ret_outcome = OUTCOME_CREATED;
    if (vendor_found.is_to_be_made) return STATUS_OK; /* it has no products yet */
    command.vendor_id = vendor_found.id;
    *ret_what = "category";
    TRY(find_category(slot, &command.category_id, ret_fault));
    *ret_what = "product";
    (void)id_format("ven", command.vendor_id, vendor);
    command.identity = text_format(slot->arena, "%s/%.*s", vendor, (int)command.handle.length,
                                   command.handle.data);
    command.has_run_id = command.has_run_started_at = true;
    command.run_id = importer->run_id;
    command.run_started_at_us = importer->run_started_at_us;
    command.has_is_dry_run = command.is_dry_run = importer->options->is_dry_run;
    TRY(client_call(importer->client, &catalog_import_product_message, &command, slot->arena,
                    &reply, ret_fault));
    static const enum outcome outcomes[] = {
        [CATALOG_IMPORT_OUTCOME_CREATED] = OUTCOME_CREATED,
        [CATALOG_IMPORT_OUTCOME_UPDATED] = OUTCOME_UPDATED,
        [CATALOG_IMPORT_OUTCOME_UNCHANGED] = OUTCOME_UNCHANGED,
        [CATALOG_IMPORT_OUTCOME_STAGED] = OUTCOME_UPDATED, /* of vendors' own files only */
    };
    *ret_outcome = outcomes[reply.outcome];
    return STATUS_OK;
}

static void product_fiber(void *argument)
{
    struct slot *slot = argument;
    struct importer *importer = slot->importer;
    struct client_fault fault = { 0 };
    const char *what = "";
    enum outcome outcome = OUTCOME_BAD;
    const enum status status = send_product(slot, &what, &outcome, &fault);
    if (status != STATUS_OK) outcome = OUTCOME_BAD;
    assert(importer->under_way > 0);
    importer->under_way--;
    if (client_is_outage(status)) {
        importer->outage = status;
        arena_destroy(&slot->arena);
    } else {
        if (status != STATUS_OK) print_refusal(slot, what, status, &fault);
        finish_slot(importer, slot, outcome);
    }
    if (importer->room != NULL) completion_finish(importer->room, STATUS_OK);
}

/* ---- the file ---- */

/* Returns when one more product has ended. WAITS. */
static enum status wait_for_one(struct importer *importer)
{
    assert(importer->under_way > 0);
    assert(importer->room == NULL);
    struct completion room;
    completion_init(&room, client_fibers(importer->client));
    importer->room = &room;
    const enum status status = completion_wait(&room, INT64_MAX);
    importer->room = NULL;
    return status;
}

static enum status start_product(struct importer *importer, struct arena *arena,
                                 struct file_product *product)
{
    assert(importer->tail - importer->head < IMPORT_WINDOW);
    struct slot *slot = &importer->slots[importer->tail % IMPORT_WINDOW];
    *slot = (struct slot){ .importer = importer,
                           .arena = arena,
                           .product = product,
                           .end_offset = product->end_offset,
                           .end_line = product->end_line,
                           .rows_count = product->rows_count };
    importer->tail++;
    import_print_problems(importer->options, product);
    if (product->is_bad) {
        finish_slot(importer, slot, OUTCOME_BAD);
        return STATUS_OK;
    }
    importer->under_way++;
    return fiber_spawn(client_fibers(importer->client), product_fiber, slot);
}

/* Reads one product and starts it. Statuses: OK, NOT_FOUND (no more), those of the file. */
static enum status read_product(struct importer *importer)
{
    struct file_product *product;
    struct arena *arena = arena_new(PRODUCT_ARENA_BYTES);
    const enum status status = product_reader_next(importer->options->reader, arena, &product);
    if (status != STATUS_OK) {
        arena_destroy(&arena);
        return status;
    }
    return start_product(importer, arena, product);
}

/* What becomes of an import whose file cannot be read on. */
static enum status unreadable(enum status status)
{
    return status == STATUS_CONFLICT ? STATUS_CONFLICT : STATUS_CORRUPT;
}

/* Statuses: OK (all is read), UNAVAILABLE (outage), STOPPING, CORRUPT, CONFLICT (the file). */
static enum status read_file(struct importer *importer)
{
    for (size_t count = 0;; count++) {
        while (importer->tail - importer->head == IMPORT_WINDOW && importer->under_way > 0 &&
               importer->outage == STATUS_OK)
            TRY(wait_for_one(importer));
        /* Signals and sockets are served between turns of the loop only. */
        if (count % TURN_PRODUCTS == 0) TRY(fiber_sleep(client_fibers(importer->client), 0));
        if (client_is_giving_up(importer->client)) return STATUS_STOPPING;
        if (importer->outage != STATUS_OK) return STATUS_UNAVAILABLE;
        const enum status status = read_product(importer);
        if (status == STATUS_NOT_FOUND) return STATUS_OK;
        if (status != STATUS_OK) return unreadable(status);
    }
}

/* Names the import, and asks the market when it begins. Statuses: OK, UNAVAILABLE (outage),
 * STOPPING. */
static enum status open_run(struct importer *importer)
{
    const struct catalog_open_import query = { 0 };
    struct catalog_import_opened reply;
    uint8_t random[10];
    struct arena *arena = arena_new(1024);
    const struct rng *rng = loop_rng(client_loop(importer->client));
    rng->fill(rng->context, random, sizeof random);
    importer->run_id = uuid_make(loop_real_us(client_loop(importer->client)), random, 0);
    const enum status status =
        client_call(importer->client, &catalog_open_import_message, &query, arena, &reply, NULL);
    arena_destroy(&arena);
    if (client_is_giving_up(importer->client)) return STATUS_STOPPING;
    if (status != STATUS_OK) importer->outage = status;
    if (status != STATUS_OK) return STATUS_UNAVAILABLE;
    importer->run_started_at_us = reply.started_at_us;
    return STATUS_OK;
}

struct import_result import_run(struct client *client, const struct import_options *options,
                                const struct import_state *start)
{
    struct importer *importer = calloc(1, sizeof *importer);
    if (importer == NULL) abort();
    importer->client = client;
    importer->options = options;
    importer->state = *start;
    importer->vendors = name_ids_new();
    importer->categories = name_ids_new();
    importer->saved_us = loop_now_us(client_loop(client));
    client_set_patience_us(client, options->patience_us);
    struct import_result result = { .status = open_run(importer) };
    if (result.status == STATUS_OK) result.status = read_file(importer);
    while (importer->under_way > 0)
        IGNORE(wait_for_one(importer)); /* Each product ends by its own deadline. */
    const bool is_read = result.status != STATUS_CORRUPT && result.status != STATUS_CONFLICT;
    if (client_is_giving_up(client) && is_read &&
        (result.status != STATUS_OK || importer->outage != STATUS_OK))
        result.status = STATUS_STOPPING;
    else if (result.status == STATUS_OK && importer->outage != STATUS_OK)
        result.status = STATUS_UNAVAILABLE;
    result.state = importer->state;
    result.outage = importer->outage;
    import_clear_bar(options);
    name_ids_destroy(&importer->vendors);
    name_ids_destroy(&importer->categories);
    free(importer);
    return result;
}

struct import_result import_check(const struct import_options *options)
{
    struct import_result result = { .state.line = 1 };
    struct arena *arena = arena_new(PRODUCT_ARENA_BYTES);
    struct import_state *state = &result.state;
    for (uint64_t count = 1;; count++) {
        struct file_product *product;
        const enum status status = product_reader_next(options->reader, arena, &product);
        if (status == STATUS_NOT_FOUND) break;
        if (status != STATUS_OK) {
            result.status = unreadable(status);
            break;
        }
        import_print_problems(options, product);
        count_product(&state->counts, product->rows_count,
                      product->is_bad ? OUTCOME_BAD : OUTCOME_NONE);
        state->offset = product->end_offset;
        state->line = product->end_line;
        if (count % 1024 == 0) import_draw_bar(options, state);
        arena_reset(arena);
    }
    import_clear_bar(options);
    arena_destroy(&arena);
    return result;
}
