/* Runs the checks one after the other, each on a read connection like any other question. */
#include "actors/host/invariants.h"

#include "host_messages.h"
#include "messages/codec_msgpack.h"
#include "storage/query.h"

enum { VIOLATIONS_TOLD = 20, FIGURES_TOLD = 200 };

static const struct statement count_open_sagas = {
    .name = "host_count_open_sagas",
    .sql = "SELECT count(*) FROM host.saga WHERE NOT is_done",
};

/* What the checks of one answer share. */
struct checking {
    struct database *database;
    struct arena *arena;
    int64_t deadline_us;
};

static enum status ask(const struct checking *checking, const struct statement *statement,
                       int64_t most, struct rows *ret_rows)
{
    struct store_params *params = arena_allocate(checking->arena, sizeof *params);
    if (most > 0) param_int(params, checking->arena, most);
    return query_run(checking->database, checking->arena, statement, params, checking->deadline_us,
                     ret_rows);
}

static enum status count(const struct checking *checking, const struct statement *statement,
                         int64_t *ret_count)
{
    struct rows rows;
    TRY(ask(checking, statement, 0, &rows));
    if (rows.count != 1) return STATUS_CORRUPT;
    struct row row = rows_at(&rows, 0);
    *ret_count = row_int(&row);
    return STATUS_OK;
}

static enum status run_check(const struct checking *checking, const struct domain_check *check,
                             struct host_check *told)
{
    struct rows rows;
    TRY(count(checking, check->compared, &told->compared));
    TRY(ask(checking, check->violations, VIOLATIONS_TOLD, &rows));
    assert(rows.count <= VIOLATIONS_TOLD);
    struct host_violation *violations =
        arena_allocate_array(checking->arena, rows.count, sizeof *violations);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        violations[i].rule = row_text(&row);
        violations[i].subject = row_text(&row);
    }
    told->violations = violations;
    told->violations_count = rows.count;
    return STATUS_OK;
}

static enum status add_figure(const struct checking *checking, const struct domain_figure *figure,
                              struct host_figure *figures, size_t *count_so_far)
{
    struct rows rows;
    TRY(ask(checking, figure->rows, 0, &rows));
    for (size_t i = 0; i < rows.count && *count_so_far < FIGURES_TOLD; i++) {
        struct row row = rows_at(&rows, i);
        struct host_figure *told = &figures[(*count_so_far)++];
        told->name = text_of(figure->name);
        told->currency = row_text(&row);
        told->count = row_int(&row);
        told->amount = row_int(&row);
    }
    return STATUS_OK;
}

enum status invariants_answer(struct hosted *hosted, struct arena *arena, struct text body,
                              int64_t deadline_us, struct text *ret_body)
{
    assert(hosted != NULL);
    assert(ret_body != NULL);
    (void)body; /* says nothing */
    const struct domain_definition *definition = hosted->definition;
    const struct checking checking = { hosted->database, arena, deadline_us };
    struct host_invariants reply = { .checks_count = definition->checks_count };
    struct host_check *checks =
        arena_allocate_array(arena, definition->checks_count, sizeof *checks);
    struct host_figure *figures = arena_allocate_array(arena, FIGURES_TOLD, sizeof *figures);
    assert(definition->checks_count <= DOMAIN_CHECKS_MAX);
    for (size_t i = 0; i < definition->checks_count; i++) {
        const struct domain_check *check = &definition->checks[i];
        checks[i].name = text_of(check->name);
        checks[i].covers = text_of(check->covers);
        checks[i].is_finished = run_check(&checking, check, &checks[i]) == STATUS_OK;
    }
    for (size_t i = 0; i < definition->figures_count; i++)
        TRY(add_figure(&checking, &definition->figures[i], figures, &reply.figures_count));
    reply.checks = checks;
    reply.figures = figures;
    TRY(count(&checking, &count_open_sagas, &reply.open_processes));
    return msgpack_encode(&host_invariants_schema, &reply, arena, ENVELOPE_BODY_MAX, ret_body);
}
