/* What a vendor does with its imports: hands a file in, looks at how far it is, cancels it. */
#include "actors/catalog/catalog_cursor.h"
#include "actors/catalog/catalog_import_file.h"
#include "actors/catalog/catalog_import_job_store.h"
#include "actors/host/market_currency.h"
#include "catalog_handlers.h"
#include "messages/product_file/csv_write.h"
#include "messages/product_file/product_columns.h"
#include "vendor_messages.h"

#include <string.h>

enum {
    PAGE_DEFAULT = 20,
    PROBLEMS_DEFAULT = 100,
    FILE_ROOM =
        1024 * 1024 /* of a page of problems: each has 764 characters at most, quotes double */
};

/* ---- handing one in ---- */

/* A file says quantities, too, which is another permission than to change products. */
static enum status check_rights(struct request *request)
{
    const uint64_t stock = UINT64_C(1) << VENDOR_PERMISSION_MANAGE_STOCK;
    if ((request_principal(request)->rights & stock) != 0) return STATUS_OK;
    return request_refuse(request, "", STATUS_FORBIDDEN,
                          "A file may change quantities, which takes manage_stock.");
}

static enum status read_currency(struct request *request,
                                 const struct catalog_start_import *command,
                                 struct catalog_import_job *job)
{
    job->currency = text_of(config_text(request_config(request), SETTING_MARKET_CURRENCY));
    if (!command->has_currency) return STATUS_OK;
    TRY(market_check_currency(request, "/currency", STATUS_INVALID_VALUE, command->currency));
    job->currency = command->currency;
    return STATUS_OK;
}

static enum status read_options(struct request *request, const struct catalog_start_import *command,
                                struct catalog_import_job *job)
{
    static const enum product_preset presets[CATALOG_IMPORT_PRESET_COUNT] = {
        [CATALOG_IMPORT_PRESET_PLAIN] = PRESET_PLAIN,
        [CATALOG_IMPORT_PRESET_SHOPIFY] = PRESET_SHOPIFY,
        [CATALOG_IMPORT_PRESET_WOOCOMMERCE] = PRESET_WOOCOMMERCE,
        [CATALOG_IMPORT_PRESET_MEDUSA] = PRESET_MEDUSA,
        [CATALOG_IMPORT_PRESET_SPREE] = PRESET_SPREE,
    };
    if (command->has_preset) job->preset = (int)presets[command->preset];
    job->encoding = ENCODING_UNSAID;
    if (command->has_content_type &&
        catalog_import_file_read_charset(command->content_type, &job->encoding) != STATUS_OK)
        return request_refuse(request, "", STATUS_UNSUPPORTED_MEDIA_TYPE,
                              "The charset is utf-8, utf-16, utf-16le, utf-16be, windows-1252 or "
                              "iso-8859-1.");
    if (command->has_map) job->mapping = command->map;
    if (catalog_import_file_check_mapping(job->mapping) != STATUS_OK)
        return request_refuse(request, "/map", STATUS_INVALID_VALUE,
                              "Columns are told as \"Their column=field\", joined by semicolons.");
    return read_currency(request, command, job);
}

enum status catalog_handle_start_import(struct request *request,
                                        const struct catalog_start_import *command,
                                        struct catalog_vendor_import *ret_reply)
{
    const struct uuid vendor_id = request_principal(request)->id;
    struct catalog_import_job *job = arena_allocate(request_arena(request), sizeof *job);
    *job =
        (struct catalog_import_job){ .id = request_new_id(request),
                                     .vendor_id = vendor_id,
                                     .status = CATALOG_IMPORT_STATUS_QUEUED,
                                     .is_dry_run = command->has_is_dry_run && command->is_dry_run,
                                     .preset = CATALOG_IMPORT_NO_PRESET,
                                     .created_at_us = request_now_us(request),
                                     .version = 1 };
    TRY(check_rights(request));
    TRY(read_options(request, command, job));
    int64_t open_count;
    bool is_running;
    TRY(catalog_import_job_store_count_open(request, vendor_id, job->id, &open_count, &is_running));
    if (open_count >= CATALOG_IMPORT_OPEN_MAX)
        return request_refuse_full(request, "", STATUS_TOO_MANY_IMPORTS, CATALOG_IMPORT_OPEN_MAX,
                                   "So many imports of a vendor are open at most.");
    catalog_import_job_store_add(request, job, command->file);
    /* The trail says that there was a file, and not what stood in it. */
    request_audit(request, "job", job->id, (struct text){ 0 });
    request_audit_names(request);
    catalog_import_job_describe(job, ret_reply);
    return STATUS_OK;
}

enum status catalog_handle_cancel_import(struct request *request,
                                         const struct catalog_cancel_import *command,
                                         struct catalog_vendor_import *ret_reply)
{
    struct catalog_import_job *job = arena_allocate(request_arena(request), sizeof *job);
    TRY(catalog_import_job_store_load(request, request_principal(request)->id, command->job_id,
                                      job));
    const char *before = catalog_import_status_names[job->status];
    if (catalog_import_job_move(job, CATALOG_IMPORT_CANCEL, request_now_us(request)) != STATUS_OK)
        return request_refuse(request, "", STATUS_ILLEGAL_TRANSITION, "The import has ended.");
    catalog_import_job_store_save(request, job);
    request_audit(request, "job", job->id,
                  text_format(request_arena(request), "{\"status\":\"%s\"}", before));
    catalog_import_job_describe(job, ret_reply);
    return STATUS_OK;
}

/* ---- looking ---- */

enum status catalog_handle_get_import(struct request *request,
                                      const struct catalog_get_import *query,
                                      struct catalog_vendor_import *ret_reply)
{
    struct catalog_import_job *job = arena_allocate(request_arena(request), sizeof *job);
    TRY(catalog_import_job_store_load(request, request_principal(request)->id, query->job_id, job));
    catalog_import_job_describe(job, ret_reply);
    return STATUS_OK;
}

enum status catalog_handle_list_imports(struct request *request,
                                        const struct catalog_list_imports *query,
                                        struct catalog_import_jobs *ret_reply)
{
    struct arena *arena = request_arena(request);
    const size_t limit = query->has_limit ? (size_t)query->limit : PAGE_DEFAULT;
    struct uuid after = catalog_cursor_first();
    struct catalog_import_job *jobs;
    size_t count;
    if (query->has_after && catalog_cursor_decode(query->after, &after) != STATUS_OK)
        return request_refuse_cursor(request);
    TRY(catalog_import_job_store_list(request, request_principal(request)->id,
                                      query->has_status ? (int)query->status : -1, after,
                                      (int64_t)limit + 1, &jobs, &count));
    const size_t shown = count > limit ? limit : count;
    struct catalog_vendor_import *imports = arena_allocate_array(arena, shown, sizeof *imports);
    for (size_t i = 0; i < shown; i++)
        catalog_import_job_describe(&jobs[i], &imports[i]);
    *ret_reply = (struct catalog_import_jobs){
        .data = imports, .data_count = shown, .has_more = count > limit, .has_next = count > limit
    };
    if (ret_reply->has_next) ret_reply->next = catalog_cursor_encode(arena, jobs[shown - 1].id);
    return STATUS_OK;
}

/* ---- what was wrong ---- */

/* "line.number" */
static enum status read_place(struct text text, struct catalog_import_place *ret_place)
{
    const char *dot = memchr(text.data, '.', text.length);
    if (dot == NULL) return STATUS_MALFORMED;
    const size_t length = (size_t)(dot - text.data);
    TRY(text_parse_int((struct text){ text.data, length }, &ret_place->line));
    return text_parse_int((struct text){ dot + 1, text.length - length - 1 }, &ret_place->number);
}

/* Those who take both are given JSON, as from everywhere else. */
static bool wants_file(const struct catalog_list_import_problems *query)
{
    if (!query->has_accept) return false;
    const struct text accept = query->accept;
    static const char csv[] = "text/csv", json[] = "application/json";
    return memmem(accept.data, accept.length, csv, sizeof csv - 1) != NULL &&
           memmem(accept.data, accept.length, json, sizeof json - 1) == NULL;
}

static struct text write_problems(struct arena *arena,
                                  const struct catalog_import_problems *problems)
{
    struct text_builder file;
    text_builder_init(&file, arena, FILE_ROOM);
    text_builder_add(&file, TEXT("line,column,kind,code,detail\r\n"));
    for (size_t i = 0; i < problems->data_count; i++) {
        const struct catalog_import_problem *problem = &problems->data[i];
        text_builder_add_int(&file, problem->line);
        text_builder_add_byte(&file, ',');
        csv_write_shown(&file, problem->column);
        text_builder_add(&file, problem->is_warning ? TEXT(",warning,") : TEXT(",error,"));
        csv_write_shown(&file, problem->code);
        text_builder_add_byte(&file, ',');
        csv_write_shown(&file, problem->detail);
        text_builder_add(&file, TEXT("\r\n"));
    }
    assert(!file.is_full);
    return text_builder_view(&file);
}

enum status catalog_handle_list_import_problems(struct request *request,
                                                const struct catalog_list_import_problems *query,
                                                struct catalog_import_problems *ret_reply)
{
    struct arena *arena = request_arena(request);
    const size_t limit = query->has_limit ? (size_t)query->limit : PROBLEMS_DEFAULT;
    struct catalog_import_place after = { .line = -1 };
    struct catalog_import_job *job = arena_allocate(arena, sizeof *job);
    struct catalog_import_problem *problems;
    struct catalog_import_place *places;
    size_t count;
    if (query->has_after &&
        (query->after.length == 0 || read_place(query->after, &after) != STATUS_OK))
        return request_refuse_cursor(request);
    TRY(catalog_import_job_store_load(request, request_principal(request)->id, query->job_id, job));
    TRY(catalog_import_job_store_list_notes(request, job->id, after, (int64_t)limit + 1, &problems,
                                            &places, &count));
    const size_t shown = count > limit ? limit : count;
    *ret_reply = (struct catalog_import_problems){
        .data = problems, .data_count = shown, .has_more = count > limit, .has_next = count > limit
    };
    if (ret_reply->has_next)
        ret_reply->next = text_format(arena, "%lld.%lld", (long long)places[shown - 1].line,
                                      (long long)places[shown - 1].number);
    ret_reply->has_file = wants_file(query);
    if (!ret_reply->has_file) return STATUS_OK;
    ret_reply->file = write_problems(arena, ret_reply);
    ret_reply->data_count = 0; /* an answer has room for them once */
    return STATUS_OK;
}
