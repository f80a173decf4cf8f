/* SQL of vendors. */
#include "actors/vendor/vendor_store.h"

#include <sodium.h>
#include <string.h>

#include "actors/vendor/vendor_slugs.h"

#define VENDOR_COLUMNS_SQL                                                                         \
    "id, name, slug, status, created_at, version, coalesce(description, ''),"                      \
    " coalesce(logo_url, ''), coalesce(banner_url, ''), coalesce(policies, ''),"                   \
    " coalesce(contact_email, ''), coalesce(status_reason, ''), closed_from IS NOT NULL,"          \
    " coalesce(closed_from, 0), coalesce(closed_to, 0), is_open, needs_acceptance,"                \
    " order_min_currencies, order_min_amounts, coalesce(seo_title, ''),"                           \
    " coalesce(seo_description, '')"

enum { CURSOR_TEXT_MAX = 40 };

static void read_order_minimums(struct row *row, struct arena *arena, struct vendor *vendor)
{
    const struct text *currencies;
    const int64_t *amounts;
    const size_t count = row_text_array(row, arena, &currencies);
    const size_t amounts_count = row_int_array(row, arena, &amounts);
    assert(amounts_count == count); /* the table's check */
    struct money *minimums = arena_allocate_array(arena, count, sizeof *minimums);
    for (size_t i = 0; i < count; i++)
        minimums[i] = money_make(amounts[i], text_string(arena, currencies[i]));
    vendor->order_minimums = minimums;
    vendor->order_minimums_count = count;
}

static void read_vendor(struct row *row, struct arena *arena, struct vendor *vendor)
{
    *vendor = (struct vendor){ .id = row_uuid(row) };
    vendor->name = row_text(row);
    vendor->slug = row_text(row);
    vendor->status = (enum vendor_vendor_status)row_int(row);
    vendor->created_at_us = row_int(row);
    vendor->version = row_int(row);
    vendor->description = row_text(row);
    vendor->logo_url = row_text(row);
    vendor->banner_url = row_text(row);
    vendor->policies = row_text(row);
    vendor->contact_email = row_text(row);
    vendor->status_reason = row_text(row);
    vendor->has_window = row_bool(row);
    vendor->closed_from_us = row_int(row);
    vendor->closed_to_us = row_int(row);
    vendor->is_announced_open = row_bool(row);
    vendor->needs_acceptance = row_bool(row);
    read_order_minimums(row, arena, vendor);
    vendor->seo_title = row_text(row);
    vendor->seo_description = row_text(row);
}

static enum status load_one(struct request *request, const struct statement *statement,
                            const struct store_params *params, struct vendor *ret_vendor)
{
    struct rows rows;
    TRY(request_query(request, statement, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_vendor(&row, request_arena(request), ret_vendor);
    return STATUS_OK;
}

enum status vendor_store_load(struct request *request, struct uuid id, struct vendor *ret_vendor)
{
    assert(ret_vendor != NULL);
    static const struct statement load = {
        .name = "vendor_load",
        .sql = "SELECT " VENDOR_COLUMNS_SQL " FROM vendor.vendor WHERE id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, id);
    return load_one(request, &load, params, ret_vendor);
}

enum status vendor_store_find(struct request *request, struct text name, struct vendor *ret_vendor)
{
    assert(ret_vendor != NULL);
    static const struct statement find = {
        .name = "vendor_find",
        .sql = "SELECT " VENDOR_COLUMNS_SQL " FROM vendor.vendor WHERE id = coalesce("
               "(SELECT id FROM vendor.vendor WHERE name = $1),"
               " (SELECT id FROM vendor.vendor WHERE same_name = vendor.same_name($1)))",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_text(params, arena, name);
    return load_one(request, &find, params, ret_vendor);
}

static struct text name_key(struct arena *arena, struct text name)
{
    struct vendor_name_key key;
    vendor_name_fold(name, &key);
    return text_copy(arena, (struct text){ key.text, key.length });
}

/* By how names look, which the database says (migrations/0011_looks.sql). The market's own name,
 * and what would speak in it, is nobody's. */
enum status vendor_store_is_name_taken(struct request *request, struct text name,
                                       struct uuid own_id, bool *ret_is_taken)
{
    assert(ret_is_taken != NULL);
    static const struct statement check = {
        .name = "vendor_check_name",
        .sql =
            "SELECT EXISTS (SELECT 1 FROM vendor.vendor WHERE vendor.look(name) ="
            " vendor.look($1) AND id <> $2) OR EXISTS (SELECT 1 FROM unnest(ARRAY['', 'official',"
            " 'support', 'service', 'admin', 'team', 'staff', 'security']) AS w (word)"
            " WHERE vendor.look($1) IN (vendor.look($3 || w.word), vendor.look(w.word || $3)))",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_text(params, arena, name);
    param_uuid(params, arena, own_id);
    param_text(params, arena, text_of(config_text(request_config(request), SETTING_MARKET_NAME)));
    TRY(request_query(request, &check, params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_is_taken = row_bool(&row);
    return STATUS_OK;
}

static enum status load_many(struct request *request, const struct statement *statement,
                             const struct store_params *params, struct vendor **ret_vendors,
                             size_t *ret_count)
{
    struct rows rows;
    TRY(request_query(request, statement, params, &rows));
    struct arena *arena = request_arena(request);
    struct vendor *vendors = arena_allocate_array(arena, rows.count, sizeof *vendors);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_vendor(&row, arena, &vendors[i]);
    }
    *ret_vendors = vendors;
    *ret_count = rows.count;
    return STATUS_OK;
}

/* One more than asked for: that it is there tells that another page follows. */
enum status vendor_store_list(struct request *request, struct uuid before, int64_t limit,
                              struct vendor **ret_vendors, size_t *ret_count)
{
    assert(ret_vendors != NULL);
    assert(ret_count != NULL);
    static const struct statement list = {
        .name = "vendor_list",
        .sql = "SELECT " VENDOR_COLUMNS_SQL " FROM vendor.vendor WHERE status = 1 AND id < $1"
               " ORDER BY id DESC LIMIT $2",
    };
    assert(limit >= 1);
    assert(limit <= VENDOR_PAGE_MAX);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, before);
    param_int(params, arena, limit + 1);
    return load_many(request, &list, params, ret_vendors, ret_count);
}

/* $1 is the id that the page begins below, $2 its limit; then come the filters. Each combination
 * has a statement of its own, so that each is answered by an index. */
#define SEARCH_SQL "SELECT " VENDOR_COLUMNS_SQL " FROM vendor.vendor WHERE id < $1"
#define SEARCH_END_SQL " ORDER BY id DESC LIMIT $2"
#define BEGIN_SQL(n) " AND lower(name) >= $" n " AND lower(name) < $" n " || U&'\\+10FFFF'"

static const struct statement *search_statement(const struct vendor_search *search)
{
    static const struct statement all = { .name = "vendor_search",
                                          .sql = SEARCH_SQL SEARCH_END_SQL };
    static const struct statement by_status = { .name = "vendor_search_status",
                                                .sql =
                                                    SEARCH_SQL " AND status = $3" SEARCH_END_SQL };
    static const struct statement by_name = { .name = "vendor_search_name",
                                              .sql = SEARCH_SQL BEGIN_SQL("3") SEARCH_END_SQL };
    static const struct statement by_both = { .name = "vendor_search_both",
                                              .sql = SEARCH_SQL " AND status = $3" BEGIN_SQL("4")
                                                  SEARCH_END_SQL };
    if (search->begin.length == 0) return search->has_status ? &by_status : &all;
    return search->has_status ? &by_both : &by_name;
}

enum status vendor_store_search(struct request *request, const struct vendor_search *search,
                                struct vendor **ret_vendors, size_t *ret_count)
{
    assert(search != NULL);
    assert(ret_vendors != NULL);
    assert(ret_count != NULL);
    assert(search->limit >= 1);
    assert(search->limit <= VENDOR_PAGE_MAX);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, search->before);
    param_int(params, arena, search->limit + 1);
    if (search->has_status) param_small(params, arena, (int16_t)search->status);
    if (search->begin.length > 0) param_text(params, arena, name_key(arena, search->begin));
    return load_many(request, search_statement(search), params, ret_vendors, ret_count);
}

enum status vendor_store_list_due(struct request *request, unsigned shard_first,
                                  unsigned shard_last, size_t max, struct uuid *ret_ids,
                                  size_t *ret_count)
{
    assert(ret_ids != NULL);
    assert(ret_count != NULL);
    static const struct statement list = {
        .name = "vendor_list_due",
        .sql = "SELECT id FROM vendor.vendor WHERE due_at <= $1 AND shard BETWEEN $2 AND $3"
               " ORDER BY due_at LIMIT $4",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int(params, arena, request_now_us(request));
    param_small(params, arena, (int16_t)shard_first);
    param_small(params, arena, (int16_t)shard_last);
    param_int(params, arena, (int64_t)max);
    TRY(request_query(request, &list, params, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ret_ids[i] = row_uuid(&row);
    }
    *ret_count = rows.count;
    return STATUS_OK;
}

static void param_optional(struct store_params *params, struct arena *arena, struct text text)
{
    if (text.length == 0)
        param_null_text(params);
    else
        param_text(params, arena, text);
}

#define INSERT_SQL                                                                                 \
    "INSERT INTO vendor.vendor (id, name, slug, status, created_at, version, description, "        \
    "is_open,"                                                                                     \
    " shard, name_key, same_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, vendor.look($10),"   \
    " vendor.same_name($2))"

static void insert(struct request *request, const struct statement *statement,
                   const struct vendor *vendor, struct text key)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, statement);
    param_uuid(params, arena, vendor->id);
    param_text(params, arena, vendor->name);
    param_text(params, arena, vendor->slug);
    param_small(params, arena, (int16_t)vendor->status);
    param_int(params, arena, vendor->created_at_us);
    param_int(params, arena, vendor->version);
    param_optional(params, arena, vendor->description);
    param_bool(params, arena, vendor->is_announced_open);
    param_small(params, arena, (int16_t)uuid_shard(vendor->id));
    param_optional(params, arena, key);
    slug_book_give(request, &vendor_slugs, vendor->id, vendor->slug, true);
}

/* Without a name key: imports may bring names that look alike, as long as they are not the same. */
void vendor_store_import(struct request *request, const struct vendor *vendor)
{
    assert(vendor != NULL);
    static const struct statement import = {
        .name = "vendor_import",
        .sql = INSERT_SQL,
        .on_duplicate = STATUS_CONFLICT,
    };
    insert(request, &import, vendor, TEXT(""));
}

void vendor_store_insert(struct request *request, const struct vendor *vendor)
{
    assert(vendor != NULL);
    static const struct statement add = {
        .name = "vendor_insert",
        .sql = INSERT_SQL,
        .on_duplicate = STATUS_VENDOR_NAME_TAKEN,
    };
    insert(request, &add, vendor, vendor->name);
}

static void param_order_minimums(struct store_params *params, struct arena *arena,
                                 const struct vendor *vendor)
{
    const size_t count = vendor->order_minimums_count;
    struct text *currencies = arena_allocate_array(arena, count, sizeof *currencies);
    int64_t *amounts = arena_allocate_array(arena, count, sizeof *amounts);
    for (size_t i = 0; i < count; i++) {
        currencies[i] = text_of(vendor->order_minimums[i].currency);
        amounts[i] = vendor->order_minimums[i].amount;
    }
    param_text_array(params, arena, currencies, count);
    param_int_array(params, arena, amounts, count);
}

/* The name key changes with the name only, so that an imported vendor, which has none, is not
 * refused for its old name. */
void vendor_store_save(struct request *request, const struct vendor *vendor)
{
    assert(vendor != NULL);
    assert(vendor->version > 1);
    static const struct statement save = {
        .name = "vendor_save",
        .sql = "WITH u AS (UPDATE vendor.vendor SET name = $3, slug = $4, status = $5,"
               " description = $6, logo_url = $7, banner_url = $8, policies = $9,"
               " contact_email = $10, status_reason = $11, closed_from = $12, closed_to = $13,"
               " due_at = $14, is_open = $15, needs_acceptance = $16,"
               " order_min_currencies = $17, order_min_amounts = $18, seo_title = $19,"
               " seo_description = $20,"
               " name_key = CASE WHEN name = $3 THEN name_key ELSE vendor.look($3) END,"
               " same_name = CASE WHEN name = $3 THEN same_name ELSE vendor.same_name($3) END,"
               " version = version + 1 WHERE id = $1 AND version = $2 RETURNING 1)"
               " SELECT require_one(count(*)) FROM u",
        .on_duplicate = STATUS_VENDOR_NAME_TAKEN,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    const int64_t due_us = vendor_due_us(vendor, request_now_us(request));
    param_uuid(params, arena, vendor->id);
    param_int(params, arena, vendor->version - 1);
    param_text(params, arena, vendor->name);
    param_text(params, arena, vendor->slug);
    param_small(params, arena, (int16_t)vendor->status);
    param_optional(params, arena, vendor->description);
    param_optional(params, arena, vendor->logo_url);
    param_optional(params, arena, vendor->banner_url);
    param_optional(params, arena, vendor->policies);
    param_optional(params, arena, vendor->contact_email);
    param_optional(params, arena, vendor->status_reason);
    if (vendor->has_window) {
        param_int(params, arena, vendor->closed_from_us);
        param_int(params, arena, vendor->closed_to_us);
    } else {
        param_null_int(params);
        param_null_int(params);
    }
    if (due_us > 0)
        param_int(params, arena, due_us);
    else
        param_null_int(params);
    param_bool(params, arena, vendor->is_announced_open);
    param_bool(params, arena, vendor->needs_acceptance);
    param_order_minimums(params, arena, vendor);
    param_optional(params, arena, vendor->seo_title);
    param_optional(params, arena, vendor->seo_description);
    if (vendor->is_slug_new)
        slug_book_give(request, &vendor_slugs, vendor->id, vendor->slug, false);
}

void vendor_store_add_history(struct request *request, const struct vendor *vendor,
                              const enum vendor_vendor_status *from, struct text actor)
{
    assert(vendor != NULL);
    static const struct statement add = {
        .name = "vendor_add_history",
        .sql = "INSERT INTO vendor.history (vendor_id, version, at, actor, from_status, to_status,"
               " reason) VALUES ($1, $2, $3, $4, $5::bigint, $6, $7)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, vendor->id);
    param_int(params, arena, vendor->version);
    param_int(params, arena, request_now_us(request));
    param_text(params, arena, actor);
    if (from == NULL)
        param_null_int(params);
    else
        param_int(params, arena, *from);
    param_small(params, arena, (int16_t)vendor->status);
    param_optional(params, arena, vendor->status_reason);
}

enum status vendor_store_list_history(struct request *request, struct uuid vendor_id,
                                      const struct vendor_history_entry **ret_entries,
                                      size_t *ret_count)
{
    assert(ret_entries != NULL);
    assert(ret_count != NULL);
    static const struct statement list = {
        .name = "vendor_list_history",
        .sql = "SELECT at, actor, to_status, coalesce(reason, ''), from_status FROM vendor.history"
               " WHERE vendor_id = $1 ORDER BY version DESC LIMIT $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, vendor_id);
    param_int(params, arena, VENDOR_HISTORY_LISTED_MAX);
    TRY(request_query(request, &list, params, &rows));
    struct vendor_history_entry *entries = arena_allocate_array(arena, rows.count, sizeof *entries);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        entries[i] = (struct vendor_history_entry){ .created_at_us = row_int(&row) };
        entries[i].actor = row_text(&row);
        entries[i].to = (enum vendor_vendor_status)row_int(&row);
        entries[i].reason = row_text(&row);
        entries[i].has_reason = entries[i].reason.length > 0;
        entries[i].has_from = !row_skip_null(&row);
        if (entries[i].has_from) entries[i].from = (enum vendor_vendor_status)row_int(&row);
    }
    *ret_entries = entries;
    *ret_count = rows.count;
    return STATUS_OK;
}

void vendor_describe(const struct request *request, const struct vendor *vendor,
                     struct vendor_own_vendor *ret_vendor)
{
    assert(vendor != NULL);
    assert(ret_vendor != NULL);
    const int64_t now_us = request_now_us(request);
    *ret_vendor = (struct vendor_own_vendor){
        .id = vendor->id,
        .name = vendor->name,
        .slug = vendor->slug,
        .status = vendor->status,
        .has_status_reason = vendor->status_reason.length > 0,
        .status_reason = vendor->status_reason,
        .is_open = vendor_is_open(vendor, now_us),
        .is_on_holiday = vendor_is_on_holiday(vendor, now_us),
        .has_closed_from = vendor->has_window,
        .closed_from_us = vendor->closed_from_us,
        .has_closed_to = vendor->has_window,
        .closed_to_us = vendor->closed_to_us,
        .has_description = vendor->description.length > 0,
        .description = vendor->description,
        .has_logo_url = vendor->logo_url.length > 0,
        .logo_url = vendor->logo_url,
        .has_banner_url = vendor->banner_url.length > 0,
        .banner_url = vendor->banner_url,
        .has_policies = vendor->policies.length > 0,
        .policies = vendor->policies,
        .has_seo_title = vendor->seo_title.length > 0,
        .seo_title = vendor->seo_title,
        .has_seo_description = vendor->seo_description.length > 0,
        .seo_description = vendor->seo_description,
        .has_contact_email = vendor->contact_email.length > 0,
        .contact_email = vendor->contact_email,
        .needs_acceptance = vendor->needs_acceptance,
        .order_minimums = vendor->order_minimums,
        .order_minimums_count = vendor->order_minimums_count,
        .created_at_us = vendor->created_at_us,
        .version = vendor->version,
    };
}

struct text vendor_cursor_of(struct request *request, struct uuid id)
{
    char *text = arena_allocate(request_arena(request), CURSOR_TEXT_MAX);
    (void)sodium_bin2base64(text, CURSOR_TEXT_MAX, id.bytes, sizeof id.bytes,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return text_of(text);
}

enum status vendor_cursor_read(struct request *request, struct text text, struct uuid *ret_id)
{
    assert(ret_id != NULL);
    struct uuid id;
    const char *end;
    size_t length;
    if (sodium_base642bin(id.bytes, sizeof id.bytes, text.data, text.length, NULL, &length, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
        length == sizeof id.bytes && end == text.data + text.length) {
        *ret_id = id;
        return STATUS_OK;
    }
    return request_refuse_cursor(request);
}
