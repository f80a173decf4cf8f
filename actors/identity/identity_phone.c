/* SQL of proved telephones. */
#include "actors/identity/identity_phone.h"

enum status identity_phone_is_proved(struct request *request, struct uuid person_id,
                                     struct text phone, bool *ret_is_proved)
{
    assert(ret_is_proved != NULL);
    static const struct statement find = {
        .name = "identity_find_phone",
        .sql = "SELECT 1::bigint FROM identity.phone WHERE person_id = $1 AND phone = $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, person_id);
    param_text(params, arena, phone);
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    *ret_is_proved = rows.count == 1;
    return STATUS_OK;
}

void identity_phone_save(struct request *request, struct uuid person_id, struct text phone)
{
    static const struct statement save = {
        .name = "identity_save_phone",
        .sql = "INSERT INTO identity.phone (person_id, phone, proved_at) VALUES ($1, $2, $3)"
               " ON CONFLICT (person_id) DO UPDATE SET phone = $2, proved_at = $3",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, person_id);
    param_text(params, arena, phone);
    param_int(params, arena, request_now_us(request));
}

void identity_phone_forget(struct request *request, struct uuid person_id)
{
    static const struct statement forget = {
        .name = "identity_forget_phone",
        .sql = "DELETE FROM identity.phone WHERE person_id = $1",
    };
    param_uuid(request_write(request, &forget), request_arena(request), person_id);
}
