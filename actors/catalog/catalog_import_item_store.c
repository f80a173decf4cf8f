/* SQL of the products that were read of a vendor's file, and of what was wrong with its lines. */
#include "actors/catalog/catalog_import_job_store.h"

/* ---- products ---- */

/* The lines of all products stand in one array; each product has its slice of it. */
static const struct statement items_add = {
    .name = "catalog_import_items_add",
    .sql = "INSERT INTO catalog.import_product (job_id, place, category, other_category, lines,"
           " command) SELECT $1, u.place, u.category, u.other_category,"
           " ($4::bigint[])[u.lines_end - u.lines_count + 1 : u.lines_end], u.command"
           " FROM unnest($2::bigint[], $3::text[], $5::bigint[], $6::bigint[], $7::bytea[],"
           " $8::text[]) AS u (place, category, lines_count, lines_end, command, other_category)",
    .on_duplicate = STATUS_CONFLICT,
};

void catalog_import_job_store_add_items(struct request *request, struct uuid job_id,
                                        const struct catalog_import_item *items, size_t count)
{
    struct arena *arena = request_arena(request);
    size_t lines_count = 0;
    for (size_t i = 0; i < count; i++)
        lines_count += items[i].lines_count;
    int64_t *places = arena_allocate_array(arena, count, sizeof *places);
    int64_t *counts = arena_allocate_array(arena, count, sizeof *counts);
    int64_t *ends = arena_allocate_array(arena, count, sizeof *ends);
    int64_t *lines = arena_allocate_array(arena, lines_count, sizeof *lines);
    struct text *categories = arena_allocate_array(arena, count, sizeof *categories);
    struct text *others = arena_allocate_array(arena, count, sizeof *others);
    struct text *commands = arena_allocate_array(arena, count, sizeof *commands);
    int64_t end = 0;
    for (size_t i = 0; i < count; i++) {
        places[i] = items[i].place;
        categories[i] = items[i].category;
        others[i] = items[i].other_category;
        commands[i] = items[i].command;
        for (size_t k = 0; k < items[i].lines_count; k++)
            lines[end++] = items[i].lines[k];
        counts[i] = (int64_t)items[i].lines_count;
        ends[i] = end;
    }
    struct store_params *params = request_write(request, &items_add);
    param_uuid(params, arena, job_id);
    param_int_array(params, arena, places, count);
    param_text_array(params, arena, categories, count);
    param_int_array(params, arena, lines, lines_count);
    param_int_array(params, arena, counts, count);
    param_int_array(params, arena, ends, count);
    param_bytes_array(params, arena, commands, count);
    param_text_array(params, arena, others, count);
}

static const struct statement items_list = {
    .name = "catalog_import_items_list",
    .sql = "SELECT place, category, other_category, lines, command FROM catalog.import_product"
           " WHERE job_id = $1 AND place >= $2 ORDER BY place LIMIT $3",
};

enum status catalog_import_job_store_list_items(struct request *request, struct uuid job_id,
                                                int64_t place,
                                                struct catalog_import_item **ret_items,
                                                size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, job_id);
    param_int(params, arena, place);
    param_int(params, arena, CATALOG_IMPORT_STEP_MAX);
    TRY(request_query(request, &items_list, params, &rows));
    struct catalog_import_item *items = arena_allocate_array(arena, rows.count, sizeof *items);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        items[i].place = row_int(&row);
        items[i].category = row_text(&row);
        items[i].other_category = row_text(&row);
        items[i].lines_count = row_int_array(&row, arena, &items[i].lines);
        items[i].command = row_bytes(&row);
    }
    *ret_items = items;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement items_drop = {
    .name = "catalog_import_items_drop",
    .sql = "DELETE FROM catalog.import_product WHERE job_id = $1 AND place < $2",
};

void catalog_import_job_store_drop_items(struct request *request, struct uuid job_id, int64_t place)
{
    struct store_params *params = request_write(request, &items_drop);
    param_uuid(params, request_arena(request), job_id);
    param_int(params, request_arena(request), place);
}

/* ---- problems ---- */

static const struct statement notes_add = {
    .name = "catalog_import_notes_add",
    .sql = "INSERT INTO catalog.import_problem"
           " (job_id, line, place, column_name, code, detail, is_warning)"
           " SELECT $1, u.line, $2 + u.number - 1, u.column_name, u.code, u.detail,"
           " u.is_warning <> 0"
           " FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[])"
           " WITH ORDINALITY AS u (line, column_name, code, detail, is_warning, number)",
    .on_duplicate = STATUS_CONFLICT,
};

void catalog_import_job_store_add_notes(struct request *request, struct uuid job_id, int64_t first,
                                        const struct catalog_import_note *notes, size_t count)
{
    if (first >= CATALOG_IMPORT_PROBLEMS_MAX) return;
    const size_t room = (size_t)(CATALOG_IMPORT_PROBLEMS_MAX - first);
    if (count > room) count = room;
    if (count == 0) return;
    struct arena *arena = request_arena(request);
    int64_t *lines = arena_allocate_array(arena, count, sizeof *lines);
    int64_t *warnings = arena_allocate_array(arena, count, sizeof *warnings);
    struct text *columns = arena_allocate_array(arena, count, sizeof *columns);
    struct text *codes = arena_allocate_array(arena, count, sizeof *codes);
    struct text *details = arena_allocate_array(arena, count, sizeof *details);
    for (size_t i = 0; i < count; i++) {
        lines[i] = notes[i].line;
        warnings[i] = notes[i].is_warning;
        columns[i] = catalog_import_cut(notes[i].column, CATALOG_IMPORT_COLUMN_MAX);
        codes[i] = notes[i].code;
        details[i] = catalog_import_cut(notes[i].detail, CATALOG_IMPORT_DETAIL_MAX);
    }
    struct store_params *params = request_write(request, &notes_add);
    param_uuid(params, arena, job_id);
    param_int(params, arena, first);
    param_int_array(params, arena, lines, count);
    param_text_array(params, arena, columns, count);
    param_text_array(params, arena, codes, count);
    param_text_array(params, arena, details, count);
    param_int_array(params, arena, warnings, count);
}

static const struct statement notes_list = {
    .name = "catalog_import_notes_list",
    .sql = "SELECT line, place, column_name, code, detail, is_warning FROM catalog.import_problem"
           " WHERE job_id = $1 AND (line, place) > ($2, $3) ORDER BY line, place LIMIT $4",
};

enum status catalog_import_job_store_list_notes(struct request *request, struct uuid job_id,
                                                struct catalog_import_place after, int64_t limit,
                                                struct catalog_import_problem **ret_problems,
                                                struct catalog_import_place **ret_places,
                                                size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, job_id);
    param_int(params, arena, after.line);
    param_int(params, arena, after.number);
    param_int(params, arena, limit);
    TRY(request_query(request, &notes_list, params, &rows));
    struct catalog_import_problem *problems =
        arena_allocate_array(arena, rows.count, sizeof *problems);
    struct catalog_import_place *places = arena_allocate_array(arena, rows.count, sizeof *places);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        problems[i].line = places[i].line = row_int(&row);
        places[i].number = row_int(&row);
        problems[i].column = row_text(&row);
        problems[i].code = row_text(&row);
        problems[i].detail = row_text(&row);
        problems[i].is_warning = row_bool(&row);
    }
    *ret_problems = problems;
    *ret_places = places;
    *ret_count = rows.count;
    return STATUS_OK;
}
