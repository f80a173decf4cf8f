/* SQL of history. */
#include "actors/order/order_history.h"

/* ---- who ---- */

static struct text id_text(struct request *request, const char *prefix, struct uuid id)
{
    char *text = arena_allocate(request_arena(request), ID_TEXT_MAX + 1);
    return (struct text){ text, id_format(prefix, id, text) };
}

/* Staff that acts in a shopper's name is staff. */
static enum order_history_actor find_actor(struct request *request, struct text *ret_actor)
{
    const struct principal *principal = request_principal(request);
    *ret_actor = TEXT("");
    switch (principal->kind) {
    case PRINCIPAL_SHOPPER:
        *ret_actor = principal_is_impersonated(principal)
                         ? id_text(request, "adm", principal->actor)
                         : id_text(request, "usr", principal->id);
        return principal_is_impersonated(principal) ? ORDER_HISTORY_ACTOR_STAFF
                                                    : ORDER_HISTORY_ACTOR_SHOPPER;
    case PRINCIPAL_VENDOR:
        *ret_actor = uuid_is_zero(principal->actor) ? id_text(request, "ven", principal->id)
                                                    : id_text(request, "mbr", principal->actor);
        return ORDER_HISTORY_ACTOR_VENDOR;
    case PRINCIPAL_ADMIN:
        *ret_actor = id_text(request, "adm", principal->id);
        return ORDER_HISTORY_ACTOR_STAFF;
    case PRINCIPAL_NONE:
        return ORDER_HISTORY_ACTOR_GUEST;
    case PRINCIPAL_NODE:
    case PRINCIPAL_OPERATOR:
        break;
    }
    return ORDER_HISTORY_ACTOR_SYSTEM;
}

enum order_history_actor order_history_actor_of(struct request *request)
{
    struct text actor;
    return find_actor(request, &actor);
}

/* ---- writing ---- */

static const struct statement add_statement = {
    .name = "order_history_add",
    .sql = "INSERT INTO \"order\".order_history (order_id, sequence, group_id, machine, object_id, "
           "trigger, from_state, to_state, is_late, actor_kind, actor, request_id, at, "
           "reported_at, note) "
           "SELECT $1, $2 + h.position, $3, h.machine, h.object_id, h.trigger, h.from_state, "
           "h.to_state, h.is_late = 1, $4, $5, $6, $7, nullif(h.reported_at, 0), h.note "
           "FROM unnest($8::text[], $9::uuid[], $10::text[], $11::text[], $12::text[], "
           "$13::bigint[], $14::bigint[], $15::text[]) WITH ORDINALITY AS h (machine, object_id, "
           "trigger, from_state, to_state, is_late, reported_at, note, position)",
    .on_duplicate = STATUS_CONFLICT,
};

static void add_changes(struct store_params *params, struct arena *arena,
                        const struct order_life *life)
{
    const size_t count = life->changes_count;
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    struct text *names[5]; /* machine, trigger, from, to, note */
    int64_t *numbers[2];   /* is late, reported at */
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        names[i] = arena_allocate_array(arena, count, sizeof *names[i]);
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        numbers[i] = arena_allocate_array(arena, count, sizeof *numbers[i]);
    for (size_t i = 0; i < count; i++) {
        const struct order_change *change = &life->changes[i];
        ids[i] = change->object_id;
        names[0][i] = text_of(order_machine_name(order_machine_of(change->from)));
        names[1][i] = text_of(order_machine_trigger_name(change->trigger));
        names[2][i] = text_of(order_machine_state_name(change->from));
        names[3][i] = text_of(order_machine_state_name(change->to));
        names[4][i] = change->note;
        numbers[0][i] = change->is_late;
        numbers[1][i] = change->has_reported_at ? change->reported_at_us : 0;
    }
    param_text_array(params, arena, names[0], count);
    param_uuid_array(params, arena, ids, count);
    for (size_t i = 1; i < 4; i++)
        param_text_array(params, arena, names[i], count);
    param_int_array(params, arena, numbers[0], count);
    param_int_array(params, arena, numbers[1], count);
    param_text_array(params, arena, names[4], count);
}

void order_history_add(struct request *request, const struct order_life *life)
{
    assert(life->changes_count >= 1);
    struct arena *arena = request_arena(request);
    struct text actor;
    const enum order_history_actor kind = find_actor(request, &actor);
    struct store_params *params = request_write(request, &add_statement);
    param_uuid(params, arena, life->order_id);
    param_int(params, arena, life->version - (int64_t)life->changes_count);
    param_uuid(params, arena, life->group_id);
    param_text(params, arena, text_of(order_history_actor_names[kind]));
    param_text(params, arena, actor);
    param_text(params, arena, request_id_text(request));
    param_int(params, arena, request_now_us(request));
    add_changes(params, arena, life);
    request_hint(request, life->order_id); /* it may be another one than the command is about */
    request_hint(request, life->vendor_id);
    if (!uuid_is_zero(life->user_id)) request_hint(request, life->user_id);
}

/* ---- reading ---- */

static const struct statement list_statement = {
    .name = "order_history_list",
    .sql = "SELECT sequence, machine, object_id, trigger, from_state, to_state, is_late, "
           "actor_kind, actor, request_id, at, reported_at, note FROM \"order\".order_history "
           "WHERE order_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
};

static enum status read_actor(struct text name, enum order_history_actor *ret_actor)
{
    for (int i = 0; i < (int)ORDER_HISTORY_ACTOR_COUNT; i++) {
        if (!text_equals_string(name, order_history_actor_names[i])) continue;
        *ret_actor = (enum order_history_actor)i;
        return STATUS_OK;
    }
    return STATUS_CORRUPT;
}

enum status order_history_read(struct row *row, struct order_order_event *ret_event)
{
    struct order_order_event event = { .sequence = row_int(row) };
    const struct text machine = row_text(row);
    event.has_shipment_id = text_equals_string(machine, order_machine_name(ORDER_MACHINE_SHIPMENT));
    event.has_return_id = text_equals_string(machine, order_machine_name(ORDER_MACHINE_RETURN));
    event.has_claim_id = text_equals_string(machine, order_machine_name(ORDER_MACHINE_CLAIM));
    event.shipment_id = event.return_id = event.claim_id = row_uuid(row);
    event.trigger = row_text(row);
    event.from = row_text(row);
    event.to = row_text(row);
    event.is_late = row_bool(row);
    TRY(read_actor(row_text(row), &event.actor));
    event.actor_id = row_text(row);
    event.has_actor_id = event.actor_id.length > 0;
    event.request_id = row_text(row);
    event.has_request_id = event.request_id.length > 0;
    event.at_us = row_int(row);
    event.has_reported_at = !row_skip_null(row);
    if (event.has_reported_at) event.reported_at_us = row_int(row);
    event.note = row_text(row);
    event.has_note = event.note.length > 0;
    *ret_event = event;
    return STATUS_OK;
}

enum status order_history_list(struct request *request, struct uuid order_id, int64_t after,
                               int64_t limit, struct order_order_event **ret_events,
                               size_t *ret_count)
{
    assert(limit >= 1);
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, order_id);
    param_int(&params, arena, after);
    param_int(&params, arena, limit);
    TRY(request_query(request, &list_statement, &params, &rows));
    struct order_order_event *events = arena_allocate_array(arena, rows.count, sizeof *events);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        TRY(order_history_read(&row, &events[i]));
    }
    *ret_events = events;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement count_statement = {
    .name = "order_history_count",
    .sql = "SELECT count(*) FROM \"order\".order_history "
           "WHERE order_id = $1 AND object_id = $2 AND trigger = $3",
};

enum status order_history_count(struct request *request, struct uuid order_id,
                                struct uuid object_id, enum order_trigger trigger,
                                int64_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, order_id);
    param_uuid(&params, arena, object_id);
    param_text(&params, arena, text_of(order_machine_trigger_name(trigger)));
    TRY(request_query(request, &count_statement, &params, &rows));
    if (rows.count != 1) return STATUS_CORRUPT;
    struct row row = rows_at(&rows, 0);
    *ret_count = row_int(&row);
    return STATUS_OK;
}
