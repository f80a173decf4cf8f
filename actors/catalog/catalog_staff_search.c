/* What staff says about searches: words that mean the same, places of products; and what it reads
 * of those that found nothing. Every change is told to all nodes, which read all of it again. */
#include "actors/catalog/catalog_cursor.h"
#include "actors/catalog/catalog_list_store.h"
#include "actors/catalog/catalog_query_form.h"
#include "actors/catalog/catalog_search_store.h"
#include "catalog_handlers.h"
#include "messages/codec_json.h"
#include "runtime/plain_text.h"

enum {
    PAGE_DEFAULT = 20,
    QUERY_CHARACTERS_MAX = 200,
    UNFOUND_DEFAULT = 100,
    PLACE_DEFAULT = 1,
    BEFORE_MAX = 2000, /* bytes of what the audit entry says of a group before */
};

static enum status tell_nodes(struct request *request)
{
    const struct catalog_search_rules_were_changed event = { 0 };
    return request_publish(request, &catalog_search_rules_were_changed_message, &event);
}

static enum status read_after(struct request *request, bool is_given, struct text after,
                              struct uuid *ret_after)
{
    *ret_after = catalog_cursor_first();
    if (is_given && catalog_cursor_decode(after, ret_after) != STATUS_OK)
        return request_refuse_cursor(request);
    return STATUS_OK;
}

/* ---- synonyms ---- */

#define SYNONYM_COLUMNS_SQL " s.id, s.words, s.version, s.created_at, s.updated_at "

static void read_group(struct row *row, struct arena *arena, struct catalog_synonym_group *group)
{
    group->id = row_uuid(row);
    group->words_count = row_text_array(row, arena, &group->words);
    group->version = row_int(row);
    group->created_at_us = row_int(row);
    group->updated_at_us = row_int(row);
}

static const struct statement synonyms_list = {
    .name = "catalog_synonyms_list",
    .sql = "SELECT" SYNONYM_COLUMNS_SQL "FROM catalog.search_synonym s WHERE s.id < $1"
           " ORDER BY s.id DESC LIMIT $2",
};

enum status catalog_handle_list_synonyms(struct request *request,
                                         const struct catalog_list_synonyms *query,
                                         struct catalog_synonym_groups *ret_reply)
{
    struct arena *arena = request_arena(request);
    const int64_t limit = query->has_limit ? query->limit : PAGE_DEFAULT;
    struct store_params params = { .count = 0 };
    struct rows rows;
    struct uuid after;
    TRY(read_after(request, query->has_after, query->after, &after));
    param_uuid(&params, arena, after);
    param_int(&params, arena, limit + 1);
    TRY(request_query(request, &synonyms_list, &params, &rows));
    struct catalog_synonym_group *groups = arena_allocate_array(arena, rows.count, sizeof *groups);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_group(&row, arena, &groups[i]);
    }
    ret_reply->data = groups;
    ret_reply->has_more = ret_reply->has_next = rows.count > (size_t)limit;
    ret_reply->data_count = ret_reply->has_more ? (size_t)limit : rows.count;
    if (ret_reply->has_next) ret_reply->next = catalog_cursor_encode(arena, groups[limit - 1].id);
    return STATUS_OK;
}

/* One group of the word and its synonyms, which differ as searches are compared. */
static enum status check_words(struct request *request, struct text word,
                               const struct text *synonyms, size_t synonyms_count,
                               struct catalog_synonym_group *group)
{
    struct arena *arena = request_arena(request);
    const size_t count = synonyms_count + 1;
    struct text *trimmed = arena_allocate_array(arena, count, sizeof *trimmed);
    struct text *forms = arena_allocate_array(arena, count, sizeof *forms);
    if (synonyms_count == 0)
        return request_refuse(request, "/synonyms", STATUS_INVALID_VALUE,
                              "A word that means the same is needed.");
    for (size_t i = 0; i < count; i++) {
        const char *pointer = i == 0 ? "/word" : request_pointer_at(request, "/synonyms", i - 1);
        trimmed[i] = text_trim(i == 0 ? word : synonyms[i - 1]);
        forms[i] = catalog_query_form(arena, trimmed[i]);
        if (!plain_text_is_name(trimmed[i]) || forms[i].length == 0)
            return request_refuse(request, pointer, STATUS_INVALID_VALUE, PLAIN_TEXT_NAME_RULE);
        for (size_t k = 0; k < i; k++) {
            if (text_equals(forms[k], forms[i]))
                return request_refuse(request, pointer, STATUS_INVALID_VALUE,
                                      "The group has this word already.");
        }
    }
    group->words = trimmed;
    group->words_count = count;
    return STATUS_OK;
}

/* How many rows there are of a table of rules. Who adds one at the same time may exceed the bound
 * by a few: nodes read no more than they take. */
static enum status count_rows(struct request *request, const struct statement *statement,
                              int64_t *ret_count)
{
    const struct store_params none = { .count = 0 };
    struct rows rows;
    TRY(request_query(request, statement, &none, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_count = row_int(&row);
    return STATUS_OK;
}

static const struct statement synonyms_count = {
    .name = "catalog_synonyms_count",
    .sql = "SELECT count(*) FROM catalog.search_synonym",
};

static const struct statement synonyms_insert = {
    .name = "catalog_synonyms_insert",
    .sql = "INSERT INTO catalog.search_synonym (id, words, created_at, updated_at)"
           " VALUES ($1, $2, $3, $3)",
};

enum status catalog_handle_create_synonyms(struct request *request,
                                           const struct catalog_create_synonyms *command,
                                           struct catalog_synonym_group *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct catalog_synonym_group group = { .version = 1 };
    int64_t count;
    TRY(check_words(request, command->word, command->synonyms, command->synonyms_count, &group));
    TRY(count_rows(request, &synonyms_count, &count));
    if (count >= SEARCH_GROUPS_MAX)
        return request_refuse_full(request, "", STATUS_TOO_MANY_SYNONYMS, SEARCH_GROUPS_MAX, NULL);
    group.id = request_new_root_id(request);
    group.created_at_us = group.updated_at_us = request_now_us(request);
    struct store_params *params = request_write(request, &synonyms_insert);
    param_uuid(params, arena, group.id);
    param_text_array(params, arena, group.words, group.words_count);
    param_int(params, arena, group.created_at_us);
    request_audit(request, "syn", group.id, (struct text){ 0 });
    *ret_reply = group;
    return tell_nodes(request);
}

static const struct statement synonyms_load = {
    .name = "catalog_synonyms_load",
    .sql = "SELECT" SYNONYM_COLUMNS_SQL "FROM catalog.search_synonym s WHERE s.id = $1",
};

static void note_before(struct request *request, const struct catalog_synonym_group *group)
{
    struct text_builder json;
    text_builder_init(&json, request_arena(request), BEFORE_MAX);
    text_builder_add(&json, TEXT("{\"words\":["));
    for (size_t i = 0; i < group->words_count; i++) {
        if (i > 0) text_builder_add_byte(&json, ',');
        json_encode_text(group->words[i], &json);
    }
    text_builder_add(&json, TEXT("]}"));
    request_audit(request, "syn", group->id,
                  json.is_full ? (struct text){ 0 } : text_builder_view(&json));
}

static enum status open_group(struct request *request, struct uuid id, struct versions versions,
                              struct catalog_synonym_group *ret_group)
{
    struct store_params params = { .count = 0 };
    struct rows rows;
    param_uuid(&params, request_arena(request), id);
    TRY(request_query(request, &synonyms_load, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_group(&row, request_arena(request), ret_group);
    if (!versions_have(versions, ret_group->version)) return STATUS_PRECONDITION_FAILED;
    note_before(request, ret_group);
    return STATUS_OK;
}

static const struct statement synonyms_update = {
    .name = "catalog_synonyms_update",
    .sql = "WITH u AS (UPDATE catalog.search_synonym SET words = $3, updated_at = $4,"
           " version = version + 1 WHERE id = $1 AND version = $2 RETURNING 1)"
           " SELECT require_one(count(*)) FROM u",
};

enum status catalog_handle_change_synonyms(struct request *request,
                                           const struct catalog_change_synonyms *command,
                                           struct catalog_synonym_group *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct catalog_synonym_group group;
    TRY(open_group(request, command->synonym_id, VERSIONS_OF(command), &group));
    TRY(check_words(request, command->word, command->synonyms, command->synonyms_count, &group));
    group.updated_at_us = request_now_us(request);
    struct store_params *params = request_write(request, &synonyms_update);
    param_uuid(params, arena, group.id);
    param_int(params, arena, group.version);
    param_text_array(params, arena, group.words, group.words_count);
    param_int(params, arena, group.updated_at_us);
    group.version++;
    *ret_reply = group;
    return tell_nodes(request);
}

static const struct statement synonyms_delete = {
    .name = "catalog_synonyms_delete",
    .sql = "WITH d AS (DELETE FROM catalog.search_synonym WHERE id = $1 AND version = $2"
           " RETURNING 1) SELECT require_one(count(*)) FROM d",
};

enum status catalog_handle_remove_synonyms(struct request *request,
                                           const struct catalog_remove_synonyms *command)
{
    struct catalog_synonym_group group;
    TRY(open_group(request, command->synonym_id, VERSIONS_OF(command), &group));
    struct store_params *params = request_write(request, &synonyms_delete);
    param_uuid(params, request_arena(request), group.id);
    param_int(params, request_arena(request), group.version);
    return tell_nodes(request);
}

/* ---- pins ---- */

static const struct statement pins_list = {
    .name = "catalog_pins_list",
    .sql = "SELECT s.id, s.query, s.product_id, s.effect, s.place, s.created_at"
           " FROM catalog.search_pin s WHERE s.id < $1"
           " AND CASE WHEN $3 = '' THEN true ELSE s.query = $3 END ORDER BY s.id DESC LIMIT $2",
};

static void read_pin(struct row *row, struct catalog_search_pin *pin)
{
    pin->id = row_uuid(row);
    pin->q = row_text(row);
    pin->product_id = row_uuid(row);
    pin->effect = (enum catalog_pin_effect)row_int(row);
    assert((unsigned)pin->effect < CATALOG_PIN_EFFECT_COUNT);
    pin->place = row_int(row);
    pin->created_at_us = row_int(row);
}

enum status catalog_handle_list_pins(struct request *request, const struct catalog_list_pins *query,
                                     struct catalog_search_pins *ret_reply)
{
    struct arena *arena = request_arena(request);
    const int64_t limit = query->has_limit ? query->limit : PAGE_DEFAULT;
    const struct text form =
        query->has_q ? catalog_query_form(arena, query->q) : (struct text){ 0 };
    struct store_params params = { .count = 0 };
    struct rows rows;
    struct uuid after;
    if (query->has_q && form.length == 0) return STATUS_OK;
    TRY(read_after(request, query->has_after, query->after, &after));
    param_uuid(&params, arena, after);
    param_int(&params, arena, limit + 1);
    param_text(&params, arena, form);
    TRY(request_query(request, &pins_list, &params, &rows));
    struct catalog_search_pin *pins = arena_allocate_array(arena, rows.count, sizeof *pins);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_pin(&row, &pins[i]);
    }
    ret_reply->data = pins;
    ret_reply->has_more = ret_reply->has_next = rows.count > (size_t)limit;
    ret_reply->data_count = ret_reply->has_more ? (size_t)limit : rows.count;
    if (ret_reply->has_next) ret_reply->next = catalog_cursor_encode(arena, pins[limit - 1].id);
    return STATUS_OK;
}

static const struct statement pins_count = {
    .name = "catalog_pins_count",
    .sql = "SELECT count(*) FROM catalog.search_pin",
};

static const struct statement pins_insert = {
    .name = "catalog_pins_insert",
    .sql = "INSERT INTO catalog.search_pin (id, query, product_id, effect, place, created_at)"
           " VALUES ($1, $2, $3, $4, $5, $6)",
    .on_duplicate = STATUS_PIN_EXISTS,
};

static enum status check_product(struct request *request, struct uuid product_id)
{
    const struct catalog_find_goods query = { .product_ids = &product_id, .product_ids_count = 1 };
    struct catalog_known_goods known = { .product_ids_count = 0 };
    TRY(catalog_list_store_find_goods(request, &query, &known));
    if (known.product_ids_count == 1) return STATUS_OK;
    return request_refuse(request, "/product_id", STATUS_NOT_FOUND, "There is no such product.");
}

enum status catalog_handle_create_pin(struct request *request,
                                      const struct catalog_create_pin *command,
                                      struct catalog_search_pin *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct catalog_search_pin pin = {
        .q = catalog_query_form(arena, command->q),
        .product_id = command->product_id,
        .effect = command->effect,
        .place = command->has_place ? command->place : PLACE_DEFAULT,
        .created_at_us = request_now_us(request),
    };
    int64_t count;
    if (pin.q.length == 0 || text_characters(pin.q) > QUERY_CHARACTERS_MAX)
        return request_refuse(request, "/q", STATUS_INVALID_VALUE,
                              "Nothing, or too much, is left of it when searches are compared.");
    TRY(check_product(request, command->product_id));
    TRY(count_rows(request, &pins_count, &count));
    if (count >= CATALOG_SEARCH_PINS_MAX)
        return request_refuse_full(request, "", STATUS_TOO_MANY_PINS, CATALOG_SEARCH_PINS_MAX,
                                   NULL);
    pin.id = request_new_root_id(request);
    struct store_params *params = request_write(request, &pins_insert);
    param_uuid(params, arena, pin.id);
    param_text(params, arena, pin.q);
    param_uuid(params, arena, pin.product_id);
    param_small(params, arena, (int16_t)pin.effect);
    param_small(params, arena, (int16_t)pin.place);
    param_int(params, arena, pin.created_at_us);
    request_audit(request, "pin", pin.id, (struct text){ 0 });
    *ret_reply = pin;
    return tell_nodes(request);
}

static const struct statement pins_load = {
    .name = "catalog_pins_load",
    .sql = "SELECT s.id, s.query, s.product_id, s.effect, s.place, s.created_at"
           " FROM catalog.search_pin s WHERE s.id = $1",
};

static const struct statement pins_delete = {
    .name = "catalog_pins_delete",
    .sql = "WITH d AS (DELETE FROM catalog.search_pin WHERE id = $1 RETURNING 1)"
           " SELECT require_one(count(*)) FROM d",
};

static void note_pin_before(struct request *request, const struct catalog_search_pin *pin)
{
    struct text_builder json;
    char product[ID_TEXT_MAX + 1];
    text_builder_init(&json, request_arena(request), BEFORE_MAX);
    text_builder_add(&json, TEXT("{\"q\":"));
    json_encode_text(pin->q, &json);
    text_builder_add(&json, TEXT(",\"product_id\":"));
    json_encode_text((struct text){ product, id_format("prd", pin->product_id, product) }, &json);
    text_builder_add(&json, TEXT(",\"effect\":"));
    json_encode_text(text_of(catalog_pin_effect_names[pin->effect]), &json);
    text_builder_add(&json, TEXT("}"));
    request_audit(request, "pin", pin->id,
                  json.is_full ? (struct text){ 0 } : text_builder_view(&json));
}

enum status catalog_handle_remove_pin(struct request *request,
                                      const struct catalog_remove_pin *command)
{
    struct store_params params = { .count = 0 };
    struct rows rows;
    struct catalog_search_pin pin = { .place = 0 };
    param_uuid(&params, request_arena(request), command->pin_id);
    TRY(request_query(request, &pins_load, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_pin(&row, &pin);
    note_pin_before(request, &pin);
    struct store_params *gone = request_write(request, &pins_delete);
    param_uuid(gone, request_arena(request), pin.id);
    return tell_nodes(request);
}

/* ---- searches that found nothing ---- */

static const struct statement unfound_list = {
    .name = "catalog_unfound_list",
    .sql = "SELECT z.query, z.count, z.first_at, z.last_at FROM catalog.zero_result z"
           " ORDER BY z.count DESC, z.query LIMIT $1",
};

enum status catalog_handle_list_zero_results(struct request *request,
                                             const struct catalog_list_zero_results *query,
                                             struct catalog_zero_results *ret_reply)
{
    struct arena *arena = request_arena(request);
    const int64_t limit = query->has_limit ? query->limit : UNFOUND_DEFAULT;
    struct store_params params = { .count = 0 };
    struct rows rows;
    param_int(&params, arena, limit + 1);
    TRY(request_query(request, &unfound_list, &params, &rows));
    struct catalog_zero_result *results = arena_allocate_array(arena, rows.count, sizeof *results);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        results[i].q = row_text(&row);
        results[i].count = row_int(&row);
        results[i].first_at_us = row_int(&row);
        results[i].last_at_us = row_int(&row);
    }
    ret_reply->data = results;
    ret_reply->has_more = rows.count > (size_t)limit;
    ret_reply->data_count = ret_reply->has_more ? (size_t)limit : rows.count;
    return STATUS_OK;
}

/* ---- the index ---- */

enum status catalog_handle_rebuild_search(struct request *request,
                                          const struct catalog_rebuild_search *command)
{
    const struct catalog_search_rebuild_was_wanted event = { 0 };
    (void)command;
    return request_publish(request, &catalog_search_rebuild_was_wanted_message, &event);
}
