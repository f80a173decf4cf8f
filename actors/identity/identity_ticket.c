/* One-time tickets: their rows. */
#include "actors/identity/identity_ticket.h"

#define KEPT_AFTER_EXPIRY_US (INT64_C(86400) * 1000000)

enum { ANY_PURPOSE = 0 /* stored ones begin at 1 */ };

static enum status refuse(struct request *request)
{
    request_add_fault(
        request, &(struct request_fault){ .pointer = "/token", .code = STATUS_INVALID_TICKET });
    return STATUS_INVALID_TICKET;
}

/* Of one purpose, or of any. */
static void end_tickets(struct request *request, struct uuid person_id, int16_t purpose)
{
    static const struct statement end = {
        .name = "identity_end_tickets",
        .sql = "UPDATE identity.ticket SET used_at = $3 WHERE person_id = $1"
               " AND ($2 = 0 OR purpose = $2) AND used_at IS NULL",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &end);
    param_uuid(params, arena, person_id);
    param_small(params, arena, purpose);
    param_int(params, arena, request_now_us(request));
}

/* Earlier tickets end, so that only the last message that was sent opens anything. */
struct uuid identity_ticket_open(struct request *request, enum identity_ticket_purpose purpose,
                                 struct uuid account_id, struct uuid person_id, struct text email,
                                 int64_t life_us)
{
    assert(purpose >= IDENTITY_TICKET_VERIFY_EMAIL && purpose <= IDENTITY_TICKET_PROVE_PHONE);
    static const struct statement add = {
        .name = "identity_add_ticket",
        .sql = "INSERT INTO identity.ticket (id, purpose, account_id, person_id, created_at,"
               " expires_at, email) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        .on_duplicate = STATUS_CONFLICT,
    };
    assert(life_us > 0);
    struct arena *arena = request_arena(request);
    const int64_t now_us = request_now_us(request);
    const struct uuid id = request_new_id(request);
    end_tickets(request, person_id, (int16_t)purpose);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, id);
    param_small(params, arena, (int16_t)purpose);
    param_uuid(params, arena, account_id);
    param_uuid(params, arena, person_id);
    param_int(params, arena, now_us);
    param_int(params, arena, now_us + life_us);
    if (email.length == 0)
        param_null_text(params);
    else
        param_text(params, arena, email);
    return id;
}

enum status identity_ticket_find(struct request *request, struct uuid ticket_id,
                                 enum identity_ticket_purpose purpose,
                                 struct identity_ticket *ret_ticket)
{
    assert(ret_ticket != NULL);
    static const struct statement find = {
        .name = "identity_find_ticket",
        .sql = "SELECT account_id, person_id, created_at, expires_at, coalesce(email, '')"
               " FROM identity.ticket WHERE id = $1 AND purpose = $2 AND used_at IS NULL"
               " AND expires_at > $3",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, ticket_id);
    param_small(params, arena, (int16_t)purpose);
    param_int(params, arena, request_now_us(request));
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return refuse(request);
    struct row row = rows_at(&rows, 0);
    *ret_ticket = (struct identity_ticket){ .id = ticket_id, .purpose = purpose };
    ret_ticket->account_id = row_uuid(&row);
    ret_ticket->person_id = row_uuid(&row);
    ret_ticket->created_us = row_int(&row);
    ret_ticket->expires_us = row_int(&row);
    ret_ticket->email = row_text(&row);
    return STATUS_OK;
}

enum status identity_ticket_find_open(struct request *request, enum identity_ticket_purpose purpose,
                                      struct uuid person_id, struct identity_ticket *ret_ticket)
{
    assert(ret_ticket != NULL);
    static const struct statement find = {
        .name = "identity_find_open_ticket",
        .sql = "SELECT id FROM identity.ticket WHERE person_id = $1 AND purpose = $2"
               " AND used_at IS NULL AND expires_at > $3 ORDER BY created_at DESC, id DESC LIMIT 1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, person_id);
    param_small(params, arena, (int16_t)purpose);
    param_int(params, arena, request_now_us(request));
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_INVALID_TICKET;
    struct row row = rows_at(&rows, 0);
    return identity_ticket_find(request, row_uuid(&row), purpose, ret_ticket);
}

enum status identity_ticket_find_purpose(struct request *request, struct uuid ticket_id,
                                         enum identity_ticket_purpose *ret_purpose)
{
    assert(ret_purpose != NULL);
    static const struct statement find = {
        .name = "identity_find_ticket_purpose",
        .sql = "SELECT purpose FROM identity.ticket WHERE id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, ticket_id);
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_INVALID_TICKET;
    struct row row = rows_at(&rows, 0);
    *ret_purpose = (enum identity_ticket_purpose)row_int(&row);
    return STATUS_OK;
}

enum status identity_ticket_find_email(struct request *request, struct uuid ticket_id,
                                       struct uuid account_id, bool *ret_is_phone,
                                       struct text *ret_email)
{
    assert(ret_email != NULL);
    assert(ret_is_phone != NULL);
    static const struct statement find = {
        .name = "identity_find_ticket_email",
        .sql = "SELECT coalesce(email, ''), purpose FROM identity.ticket"
               " WHERE id = $1 AND account_id = $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, ticket_id);
    param_uuid(params, arena, account_id);
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    *ret_email = TEXT("");
    *ret_is_phone = false;
    if (rows.count == 0) return STATUS_OK;
    struct row row = rows_at(&rows, 0);
    *ret_email = row_text(&row);
    *ret_is_phone = row_int(&row) == IDENTITY_TICKET_PROVE_PHONE;
    return STATUS_OK;
}

enum status identity_ticket_use(struct request *request, struct uuid ticket_id,
                                enum identity_ticket_purpose purpose,
                                struct identity_ticket *ret_ticket)
{
    assert(ret_ticket != NULL);
    static const struct statement use = {
        .name = "identity_use_ticket",
        .sql = "WITH u AS (UPDATE identity.ticket SET used_at = $2 WHERE id = $1"
               " AND used_at IS NULL RETURNING 1) SELECT require_one(count(*)) FROM u",
    };
    TRY(identity_ticket_find(request, ticket_id, purpose, ret_ticket));
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &use);
    param_uuid(params, arena, ticket_id);
    param_int(params, arena, request_now_us(request));
    return STATUS_OK;
}

void identity_tickets_void(struct request *request, struct uuid person_id)
{
    end_tickets(request, person_id, ANY_PURPOSE);
}

void identity_tickets_trim(struct request *request)
{
    static const struct statement trim = {
        .name = "identity_trim_tickets",
        .sql = "DELETE FROM identity.ticket WHERE id IN (SELECT id FROM identity.ticket"
               " WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &trim);
    param_int(params, arena, request_now_us(request) - KEPT_AFTER_EXPIRY_US);
    param_int(params, arena, IDENTITY_TICKETS_TRIMMED_MAX);
}
