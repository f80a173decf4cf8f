/* The work of vendors' imports: a few products at a time, each step in one unit with the count of
 * what is done, so that whatever dies goes on where it was. Steps have the vendor as their key:
 * they take turns with what else the vendor does, and shoppers wait for none of them. */
#include "actors/catalog/catalog_import_worker.h"

#include <string.h>

#include "actors/catalog/catalog_import.h"
#include "actors/catalog/catalog_import_file.h"
#include "actors/host/trim.h"
#include "catalog_handlers.h"
#include "messages/codec_msgpack.h"
#include "vendor_messages.h"

enum {
    ROUNDS_MAX = 1000,          /* of a sweep */
    ROUNDS_US = 5 * 1000 * 1000 /* that they take together: then it pauses */
};

/* One step of a job. */
struct step {
    struct request *request;
    const struct catalog_advance_import *command;
    struct catalog_import_job job;
    struct catalog_import_terms terms;
    struct catalog_import_note notes[CATALOG_IMPORT_STEP_MAX];
    size_t notes_count;
    /* The products of the step, and what has become of each. */
    struct catalog_import_item *items;
    size_t items_count;
    enum status ended[CATALOG_IMPORT_STEP_MAX];
    struct catalog_product_imported replies[CATALOG_IMPORT_STEP_MAX];
};

/* ---- whether the vendor may ---- */

/* A vendor that waits to be approved makes drafts, as without a file; one that may sell no more
 * ends its imports. */
static enum status check_standing(struct step *step, bool *ret_may_go_on)
{
    const struct vendor_get_standing query = { .vendor_id = step->job.vendor_id };
    struct vendor_standing standing = { .status = VENDOR_VENDOR_STATUS_TERMINATED };
    const enum status status =
        request_ask(step->request, &vendor_get_standing_message, &query, &standing);
    if (status != STATUS_NOT_FOUND) TRY(status);
    step->terms.may_publish = standing.status == VENDOR_VENDOR_STATUS_APPROVED;
    *ret_may_go_on = step->terms.may_publish || standing.status == VENDOR_VENDOR_STATUS_APPLIED;
    return STATUS_OK;
}

/* ---- reading ---- */

static void keep_piece(struct step *step, const struct catalog_import_piece *piece)
{
    struct catalog_import_job *job = &step->job;
    if (piece->items_count > 0)
        catalog_import_job_store_add_items(step->request, job->id, piece->items,
                                           piece->items_count);
    catalog_import_job_store_add_notes(step->request, job->id, job->problems, piece->notes,
                                       piece->notes_count);
    job->problems += (int64_t)piece->notes_count;
    job->places += (int64_t)piece->items_count;
    job->preset = piece->preset;
    job->products = piece->products;
    job->rows += piece->rows;
    job->refused += piece->refused;
    job->read_offset = piece->end_offset;
    job->read_line = piece->end_line;
    job->is_read = piece->is_end;
}

static enum status read_on(struct step *step)
{
    struct catalog_import_job *job = &step->job;
    struct catalog_import_piece *piece =
        arena_allocate(request_arena(step->request), sizeof *piece);
    *piece = (struct catalog_import_piece){ .arena = request_arena(step->request), .job = job };
    TRY(catalog_import_job_store_load_file(step->request, job->id, &piece->file));
    TRY(request_offload(step->request, catalog_import_file_read, piece));
    if (piece->status == STATUS_OK) {
        keep_piece(step, piece);
        return STATUS_OK;
    }
    catalog_import_job_store_add_notes(step->request, job->id, job->problems, &piece->fault, 1);
    job->problems++;
    catalog_import_job_fail(job, STATUS_MALFORMED, piece->fault.detail,
                            request_now_us(step->request));
    return STATUS_OK;
}

/* ---- products ---- */

/* On which line of the file stands what a refusal points at. */
static int64_t line_of(const struct catalog_import_item *item, const char *pointer)
{
    static const char variants[] = "/variants/";
    const size_t length = sizeof variants - 1;
    if (strncmp(pointer, variants, length) != 0) return item->lines[0];
    int64_t index = -1;
    const char *end = strchr(pointer + length, '/');
    const size_t digits = end == NULL ? strlen(pointer + length) : (size_t)(end - pointer) - length;
    if (text_parse_int((struct text){ pointer + length, digits }, &index) != STATUS_OK ||
        index < 0 || (size_t)index + 1 >= item->lines_count)
        return item->lines[0];
    return item->lines[index + 1];
}

/* As the header of the file has it. */
static struct text column_of(struct request *request, struct text pointer)
{
    const struct text column = catalog_import_column(pointer);
    const struct text texts = TEXT("/texts/"); /* named as their columns are */
    if (text_starts_with(pointer, texts))
        return (struct text){ pointer.data + texts.length, pointer.length - texts.length };
    if (!text_starts_with(pointer, TEXT("/attributes/"))) return column;
    return text_format(request_arena(request), "attr:%.*s", (int)column.length, column.data);
}

static void refuse_item(struct step *step, const struct catalog_import_item *item,
                        const struct request_fault *fault)
{
    assert(step->notes_count < CATALOG_IMPORT_STEP_MAX);
    const struct text title = text_of(status_title(fault->code));
    step->notes[step->notes_count++] = (struct catalog_import_note){
        .line = line_of(item, fault->pointer),
        .column = column_of(step->request, text_of(fault->pointer)),
        .code = text_of(status_name(fault->code)),
        .detail = fault->detail.length > 0 ? fault->detail : title,
    };
    step->job.refused++;
}

static enum status find_category(struct request *request, const struct catalog_import_item *item,
                                 struct uuid *ret_category_id)
{
    const enum status status =
        catalog_import_find_category(request, item->category, ret_category_id);
    if (status != STATUS_NOT_FOUND || item->other_category.length == 0) return status;
    return catalog_import_find_category(request, item->other_category, ret_category_id);
}

static enum status apply_item(const struct step *step, struct request *request,
                              const struct catalog_import_item *item,
                              struct catalog_product_imported *ret_reply)
{
    struct catalog_import_product *command =
        arena_allocate(request_arena(request), sizeof *command);
    TRY(msgpack_decode(&catalog_import_product_schema, item->command, request_arena(request),
                       command));
    command->has_run_id = command->has_run_started_at = true;
    command->run_id = step->job.id;
    command->run_started_at_us = step->job.started_at_us;
    const enum status found = find_category(request, item, &command->category_id);
    if (found == STATUS_NOT_FOUND)
        return request_refuse(request, "/category", STATUS_INVALID_VALUE,
                              "There is no such category.");
    TRY(found);
    return catalog_import_apply(request, command, &step->terms, ret_reply);
}

static void do_item(struct request *part, void *argument, size_t index)
{
    struct step *step = argument;
    step->ended[index] = apply_item(step, part, &step->items[index], &step->replies[index]);
}

/* Counts a product that was done, or refused. Statuses: OK, and what ends the step. */
static enum status settle_item(struct step *step, struct request *part, size_t index)
{
    const enum status status = step->ended[index];
    if (status == STATUS_OK) {
        catalog_import_job_count(&step->job, step->replies[index].outcome);
        return STATUS_OK;
    }
    if (status_is_outage(status) || status == STATUS_INTERNAL || status == STATUS_CONFLICT)
        return status;
    struct request_fault fault;
    request_take_fault(part, status, &fault);
    refuse_item(step, &step->items[index], &fault);
    return STATUS_OK;
}

/* Side by side; in the order of the file as many of them are taken as the unit has room for. */
static enum status do_side_by_side(struct step *step, size_t *ret_done)
{
    struct request *parts[CATALOG_IMPORT_STEP_MAX];
    request_run_parts(step->request, parts, step->items_count, do_item, step);
    size_t done = 0;
    for (; done < step->items_count; done++) {
        if (step->ended[done] == STATUS_OK &&
            !request_take_part(step->request, parts[done], CATALOG_IMPORT_JOB_WRITES))
            break;
        TRY(settle_item(step, parts[done], done));
    }
    assert(done >= 1);
    *ret_done = done;
    return STATUS_OK;
}

/* An item that could not be committed, for the reason that the command says. */
static void refuse_as_told(struct step *step)
{
    const struct text refusal = step->command->refusal;
    enum status code = STATUS_INTERNAL;
    (void)status_find(refusal.data, refusal.length, &code);
    refuse_item(step, &step->items[0], &(struct request_fault){ .pointer = "", .code = code });
}

/* How many of those that were read are done in this step: the memory of their commands has a bound,
 * which one of them may pass. */
static size_t count_of_step(const struct step *step, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += step->items[i].command.length;
        if (bytes > CATALOG_IMPORT_STEP_BYTES && i > 0) return i;
    }
    return count;
}

/* The next few products, or the one that is asked for. */
static enum status do_items(struct step *step)
{
    const struct catalog_advance_import *command = step->command;
    struct catalog_import_job *job = &step->job;
    size_t count, done = 1;
    TRY(catalog_import_job_store_list_items(step->request, job->id, job->places_done, &step->items,
                                            &count));
    if (count == 0) return STATUS_INTERNAL;
    step->items_count = command->has_place ? 1 : count_of_step(step, count);
    if (command->has_refusal)
        refuse_as_told(step);
    else
        TRY(do_side_by_side(step, &done));
    job->places_done += (int64_t)done;
    catalog_import_job_store_drop_items(step->request, job->id, job->places_done);
    catalog_import_job_store_add_notes(step->request, job->id, job->problems, step->notes,
                                       step->notes_count);
    job->problems += (int64_t)step->notes_count;
    return STATUS_OK;
}

/* ---- a step ---- */

static enum status go_on(struct step *step)
{
    struct catalog_import_job *job = &step->job;
    const int64_t now_us = request_now_us(step->request);
    bool may_go_on;
    TRY(check_standing(step, &may_go_on));
    if (!may_go_on) {
        catalog_import_job_fail(job, STATUS_VENDOR_UNAVAILABLE,
                                TEXT("The vendor may not sell any more."), now_us);
        return STATUS_OK;
    }
    if (job->status == CATALOG_IMPORT_STATUS_QUEUED)
        TRY(catalog_import_job_move(job, CATALOG_IMPORT_START, now_us));
    if (job->places_done < job->places)
        TRY(do_items(step));
    else if (step->command->has_refusal)
        catalog_import_job_fail(job, STATUS_INTERNAL, (struct text){ 0 }, now_us);
    else
        TRY(read_on(step));
    if (job->status == CATALOG_IMPORT_STATUS_RUNNING && job->is_read &&
        job->places_done == job->places)
        TRY(catalog_import_job_move(job, CATALOG_IMPORT_FINISH, now_us));
    return STATUS_OK;
}

enum status catalog_handle_advance_import(struct request *request,
                                          const struct catalog_advance_import *command,
                                          struct catalog_import_advanced *ret_reply)
{
    struct step *step = arena_allocate(request_arena(request), sizeof *step);
    *step = (struct step){ .request = request, .command = command };
    TRY(catalog_import_job_store_load(request, command->vendor_id, command->job_id, &step->job));
    struct catalog_import_job *job = &step->job;
    step->terms =
        (struct catalog_import_terms){ .is_dry_run = job->is_dry_run, .is_vendors = true };
    int64_t open_count;
    bool is_other_running;
    TRY(catalog_import_job_store_count_open(request, job->vendor_id, job->id, &open_count,
                                            &is_other_running));
    ret_reply->is_open = catalog_import_job_is_open(job);
    /* Whoever asks may know of an older state: then there is nothing to do for it. */
    if (!ret_reply->is_open || is_other_running ||
        (command->has_place && command->place != job->places_done))
        return STATUS_OK;
    TRY(go_on(step));
    catalog_import_job_store_save(request, job);
    ret_reply->is_open = catalog_import_job_is_open(job);
    return STATUS_OK;
}

/* ---- by the clock ---- */

/* A step that cannot be committed (two writers gave one SKU in one moment) is done product by
 * product; one that fails even then is refused, so that an import never stands still. */
static enum status settle_failed(struct request *request,
                                 const struct catalog_import_active *active, enum status why)
{
    struct catalog_advance_import command = { .vendor_id = active->vendor_id,
                                              .job_id = active->job_id,
                                              .has_place = true,
                                              .place = active->place };
    struct catalog_import_advanced reply;
    const enum status status =
        request_ask(request, &catalog_advance_import_message, &command, &reply);
    if (status == STATUS_OK || status_is_outage(status)) return status;
    command.has_refusal = true;
    command.refusal = text_of(status_name(status == STATUS_INTERNAL ? why : status));
    return request_ask(request, &catalog_advance_import_message, &command, &reply);
}

/* One step of each job. Statuses: OK, and the first outage. */
static enum status advance_each(struct request *request, const struct catalog_import_active *active,
                                size_t count)
{
    struct request_ask *asks[CATALOG_IMPORT_ACTIVE_MAX];
    enum status ended[CATALOG_IMPORT_ACTIVE_MAX];
    for (size_t i = 0; i < count; i++) {
        const struct catalog_advance_import command = { .vendor_id = active[i].vendor_id,
                                                        .job_id = active[i].job_id };
        ended[i] = request_ask_begin(request, &catalog_advance_import_message, &command, &asks[i]);
        if (ended[i] != STATUS_OK) asks[i] = NULL;
    }
    for (size_t i = 0; i < count; i++) {
        struct catalog_import_advanced reply;
        if (asks[i] != NULL) ended[i] = request_ask_end(request, &asks[i], &reply);
    }
    enum status first = STATUS_OK;
    for (size_t i = 0; i < count; i++) {
        if (ended[i] != STATUS_OK && !status_is_outage(ended[i]) && ended[i] != STATUS_NOT_FOUND)
            ended[i] = settle_failed(request, &active[i], ended[i]);
        if (first == STATUS_OK && status_is_outage(ended[i])) first = ended[i];
    }
    return first;
}

static int64_t sum_versions(const struct catalog_import_active *active, size_t count)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += active[i].version;
    return sum;
}

/* Goes on without a pause as long as the imports get on. */
enum status catalog_import_sweep(struct request *request, unsigned shard_first, unsigned shard_last)
{
    struct catalog_import_active active[CATALOG_IMPORT_ACTIVE_MAX];
    const int64_t until_us = request_real_us(request) + ROUNDS_US;
    int64_t before = 0;
    for (size_t i = 0; i < ROUNDS_MAX && request_real_us(request) < until_us; i++) {
        size_t count;
        TRY(catalog_import_job_store_list_active(request, shard_first, shard_last, active, &count));
        const int64_t versions = sum_versions(active, count);
        if (versions == before) return STATUS_OK;
        before = versions;
        TRY(advance_each(request, active, count));
    }
    return STATUS_OK;
}

static const struct statement trim_imports = {
    .name = "catalog_trim_imports",
    .sql = "WITH gone AS (DELETE FROM catalog.import_job j USING ("
           "SELECT id FROM catalog.import_job WHERE ended_at < $1"
           " AND shard BETWEEN $2 AND $3 LIMIT $4) o"
           " WHERE j.id = o.id RETURNING 1) SELECT count(*) FROM gone",
};

enum status catalog_import_forget(struct request *request, unsigned shard_first,
                                  unsigned shard_last)
{
    return request_trim(request, &trim_imports, SETTING_IMPORT_KEPT, shard_first, shard_last);
}
