/* Runs the checks one after the other, each on a read connection like any other question. */
#include "actors/host/invariants.h"

#include "host_messages.h"
#include "messages/codec_msgpack.h"
#include "storage/query.h"

enum { VIOLATIONS_TOLD = 20, FIGURES_TOLD = 200, AUDITED_AFTER_US = 10 * 1000 * 1000 };

static const struct statement count_open_sagas = {
    .name = "host_count_open_sagas",
    .sql = "SELECT count(*) FROM host.saga WHERE NOT is_done",
};

/* What every domain has: events that others read, numbered. What all have read and what is old is
 * forgotten from the front. */
static const struct statement events_violations = {
    .name = "host_events_violations",
    .sql = "SELECT 'the numbers of its events have a gap', 'shard ' || o.shard FROM "
           "(SELECT shard, min(seq) AS first, max(seq) AS last, count(*) AS count "
           "FROM host.outbox GROUP BY shard) o WHERE o.last - o.first + 1 <> o.count "
           "UNION ALL SELECT 'its next event would not come behind the last', 'shard ' || f.shard "
           "FROM host.shard_fence f JOIN (SELECT shard, max(seq) AS last FROM host.outbox "
           "GROUP BY shard) o ON o.shard = f.shard WHERE f.next_seq <> o.last + 1 LIMIT $1",
};

static const struct statement events_rows = {
    .name = "host_events_rows",
    .sql = "SELECT count(*) FROM host.outbox",
};

static const struct domain_check events_check = {
    .covers = "I9 the numbers of events have no gap, and the next one comes behind the last",
    .violations = &events_violations,
    .compared = &events_rows,
};

/* What the checks of one answer share. */
struct checking {
    struct database *database;
    struct arena *arena;
    int64_t deadline_us;
};

static const struct store_params nothing;

static enum status ask(const struct checking *checking, const struct statement *statement,
                       const struct store_params *params, struct rows *ret_rows)
{
    return query_run(checking->database, checking->arena, statement, params, checking->deadline_us,
                     ret_rows);
}

static enum status count(const struct checking *checking, const struct statement *statement,
                         int64_t *ret_count)
{
    struct rows rows;
    TRY(ask(checking, statement, &nothing, &rows));
    if (rows.count != 1) return STATUS_CORRUPT;
    struct row row = rows_at(&rows, 0);
    *ret_count = row_int(&row);
    return STATUS_OK;
}

/* Adds what breaks a rule; NULL: what breaks any. */
static enum status find_broken(const struct checking *checking, const struct statement *violations,
                               const struct text *rule, struct host_violation *found,
                               size_t *count_so_far)
{
    struct rows rows;
    struct store_params *params = arena_allocate(checking->arena, sizeof *params);
    param_int(params, checking->arena, VIOLATIONS_TOLD - (int64_t)*count_so_far);
    if (rule != NULL) param_text(params, checking->arena, *rule);
    TRY(ask(checking, violations, params, &rows));
    assert(*count_so_far + rows.count <= VIOLATIONS_TOLD);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        found[*count_so_far].rule = row_text(&row);
        found[(*count_so_far)++].subject = row_text(&row);
    }
    return STATUS_OK;
}

static enum status look(const struct checking *checking, const struct domain_check *check,
                        struct host_check *told)
{
    struct rows rules = { .count = 0 };
    struct host_violation *found =
        arena_allocate_array(checking->arena, VIOLATIONS_TOLD, sizeof *found);
    told->violations = found;
    TRY(count(checking, check->compared, &told->compared));
    if (check->rules == NULL)
        return find_broken(checking, check->violations, NULL, found, &told->violations_count);
    struct store_params *params = arena_allocate(checking->arena, sizeof *params);
    param_text(params, checking->arena, text_of(check->name));
    TRY(ask(checking, check->rules, params, &rules));
    if (rules.count == 0) return STATUS_CORRUPT;
    for (size_t i = 0; i < rules.count && told->violations_count < VIOLATIONS_TOLD; i++) {
        struct row row = rows_at(&rules, i);
        const struct text rule = row_text(&row);
        TRY(find_broken(checking, check->violations, &rule, found, &told->violations_count));
    }
    return STATUS_OK;
}

static struct host_check run_check(const struct checking *checking,
                                   const struct domain_check *check, struct text name)
{
    struct host_check told = { .name = name, .covers = text_of(check->covers) };
    told.is_finished = look(checking, check, &told) == STATUS_OK;
    return told;
}

static enum status add_figure(const struct checking *checking, const struct domain_figure *figure,
                              struct host_figure *figures, size_t *count_so_far)
{
    struct rows rows;
    TRY(ask(checking, figure->rows, &nothing, &rows));
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

/* `until_us`: later ones may not be in the audit trail yet. */
static enum status list_decisions(const struct checking *checking,
                                  const struct statement *decisions, int64_t until_us,
                                  struct host_invariants *reply)
{
    struct rows rows;
    struct store_params *params = arena_allocate(checking->arena, sizeof *params);
    reply->has_decisions = decisions != NULL;
    if (decisions == NULL) return STATUS_OK;
    param_int(params, checking->arena, DOMAIN_DECISIONS_MAX);
    param_int(params, checking->arena, until_us);
    TRY(ask(checking, decisions, params, &rows));
    assert(rows.count <= DOMAIN_DECISIONS_MAX);
    struct text *ids = arena_allocate_array(checking->arena, rows.count, sizeof *ids);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ids[i] = row_text(&row);
    }
    reply->decisions = ids;
    reply->decisions_count = rows.count;
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
    struct host_invariants reply = { .checks_count = definition->checks_count + 1 };
    struct host_check *checks = arena_allocate_array(arena, reply.checks_count, sizeof *checks);
    struct host_figure *figures = arena_allocate_array(arena, FIGURES_TOLD, sizeof *figures);
    assert(definition->checks_count <= DOMAIN_CHECKS_MAX);
    for (size_t i = 0; i < definition->checks_count; i++)
        checks[i] =
            run_check(&checking, &definition->checks[i], text_of(definition->checks[i].name));
    checks[definition->checks_count] =
        run_check(&checking, &events_check,
                  text_format(arena, "%s.events", domain_name(definition->dispatch->domain)));
    for (size_t i = 0; i < definition->figures_count; i++)
        TRY(add_figure(&checking, &definition->figures[i], figures, &reply.figures_count));
    reply.checks = checks;
    reply.figures = figures;
    TRY(list_decisions(&checking, definition->decisions,
                       loop_market_us(hosted->host->loop) - AUDITED_AFTER_US, &reply));
    TRY(count(&checking, &count_open_sagas, &reply.open_processes));
    return msgpack_encode(&host_invariants_schema, &reply, arena, ENVELOPE_BODY_MAX, ret_body);
}
