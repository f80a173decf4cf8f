/* The states of an import as a table, and what is said of it. */
#include "actors/catalog/catalog_import_job.h"

#include <string.h>

#include "messages/product_file/product_columns.h"

#define BIT(status) (1U << CATALOG_IMPORT_STATUS_##status)

static const struct {
    unsigned from;
    enum catalog_import_status to;
} moves[CATALOG_IMPORT_MOVES] = {
    [CATALOG_IMPORT_START] = { BIT(QUEUED), CATALOG_IMPORT_STATUS_RUNNING },
    [CATALOG_IMPORT_FINISH] = { BIT(RUNNING), CATALOG_IMPORT_STATUS_DONE },
    [CATALOG_IMPORT_FAIL] = { BIT(QUEUED) | BIT(RUNNING), CATALOG_IMPORT_STATUS_FAILED },
    [CATALOG_IMPORT_CANCEL] = { BIT(QUEUED) | BIT(RUNNING), CATALOG_IMPORT_STATUS_CANCELLED },
};

bool catalog_import_job_is_open(const struct catalog_import_job *job)
{
    return job->status == CATALOG_IMPORT_STATUS_QUEUED ||
           job->status == CATALOG_IMPORT_STATUS_RUNNING;
}

enum status catalog_import_job_move(struct catalog_import_job *job, enum catalog_import_move move,
                                    int64_t now_us)
{
    assert((unsigned)move < CATALOG_IMPORT_MOVES);
    assert((unsigned)job->status < CATALOG_IMPORT_STATUS_COUNT);
    if ((moves[move].from >> job->status & 1U) == 0) return STATUS_ILLEGAL_TRANSITION;
    job->status = moves[move].to;
    if (move == CATALOG_IMPORT_START) job->started_at_us = now_us;
    if (!catalog_import_job_is_open(job)) job->ended_at_us = now_us;
    return STATUS_OK;
}

void catalog_import_job_fail(struct catalog_import_job *job, enum status code, struct text detail,
                             int64_t now_us)
{
    assert(code != STATUS_OK);
    const enum status status = catalog_import_job_move(job, CATALOG_IMPORT_FAIL, now_us);
    assert(status == STATUS_OK);
    job->failure = text_of(status_name(code));
    job->failure_detail = catalog_import_cut(
        detail.length > 0 ? detail : text_of(status_title(code)), CATALOG_IMPORT_DETAIL_MAX);
}

void catalog_import_job_count(struct catalog_import_job *job, enum catalog_import_outcome outcome)
{
    job->created += outcome == CATALOG_IMPORT_OUTCOME_CREATED;
    job->changed += outcome == CATALOG_IMPORT_OUTCOME_UPDATED;
    job->staged += outcome == CATALOG_IMPORT_OUTCOME_STAGED;
    job->unchanged += outcome == CATALOG_IMPORT_OUTCOME_UNCHANGED;
}

static enum catalog_import_preset preset_of(int preset)
{
    static const enum catalog_import_preset presets[] = {
        [PRESET_PLAIN] = CATALOG_IMPORT_PRESET_PLAIN,
        [PRESET_SHOPIFY] = CATALOG_IMPORT_PRESET_SHOPIFY,
        [PRESET_WOOCOMMERCE] = CATALOG_IMPORT_PRESET_WOOCOMMERCE,
        [PRESET_MEDUSA] = CATALOG_IMPORT_PRESET_MEDUSA,
        [PRESET_SPREE] = CATALOG_IMPORT_PRESET_SPREE,
    };
    static_assert(ARRAY_LENGTH(presets) == PRESETS, "each has a name in the contract");
    return presets[preset];
}

void catalog_import_job_describe(const struct catalog_import_job *job,
                                 struct catalog_vendor_import *ret_import)
{
    assert(job->preset < PRESETS);
    *ret_import = (struct catalog_vendor_import){
        .id = job->id,
        .status = job->status,
        .is_dry_run = job->is_dry_run,
        .has_preset = job->preset >= 0,
        .preset = job->preset >= 0 ? preset_of(job->preset) : CATALOG_IMPORT_PRESET_PLAIN,
        .currency = job->currency,
        .rows = job->rows,
        .products = job->products,
        .created = job->created,
        .changed = job->changed,
        .has_staged = true,
        .staged = job->staged,
        .unchanged = job->unchanged,
        .refused = job->refused,
        .errors = job->problems,
        .has_failure = job->failure.length > 0,
        .failure = job->failure,
        .has_failure_detail = job->failure_detail.length > 0,
        .failure_detail = job->failure_detail,
        .created_at_us = job->created_at_us,
        .has_started_at = job->started_at_us > 0,
        .started_at_us = job->started_at_us,
        .has_ended_at = job->ended_at_us > 0,
        .ended_at_us = job->ended_at_us,
        .version = job->version,
    };
}

static bool is_number(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] < '0' || text.data[i] > '9') return false;
    return true;
}

struct text catalog_import_column(struct text pointer)
{
    while (pointer.length > 0) {
        const char *slash = memrchr(pointer.data, '/', pointer.length);
        const size_t start = slash == NULL ? 0 : (size_t)(slash - pointer.data) + 1;
        const struct text last = { pointer.data + start, pointer.length - start };
        /* Of "/variants/2" the whole row is meant. */
        if (!is_number(last))
            return text_equals_string(last, "variants") ? (struct text){ 0 } : last;
        pointer.length = start == 0 ? 0 : start - 1;
    }
    return (struct text){ 0 };
}

struct text catalog_import_cut(struct text text, size_t characters_max)
{
    size_t length = 0, characters = 0;
    for (; length < text.length; length++) {
        const bool begins = ((unsigned char)text.data[length] & 0xC0U) != 0x80U;
        if (begins && characters++ == characters_max) break;
    }
    return (struct text){ text.data, length };
}
