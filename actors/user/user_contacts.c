/* Where many shoppers are reached, for those who write to all of them at once. */
#include "actors/identity/identity_phone.h"
#include "actors/identity/identity_secret.h"
#include "user_handlers.h"

/* One statement for all of them: a batch of orders tells hundreds of people at once. */
enum status user_handle_get_many_contacts(struct request *request,
                                          const struct user_get_many_contacts *query,
                                          struct common_contacts *ret_reply)
{
    static const struct statement find = {
        .name = "user_many_contacts",
        .sql = "SELECT a.id, a.username, a.email, CASE WHEN " IDENTITY_PHONE_IS_PROVED_SQL(
            "a.id", "a.phone") " THEN a.phone END, a.locale,"
                               " a.is_email_verified FROM \"user\".account a"
                               " WHERE a.id = ANY ($1) AND a.status <> 'erased'",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid_array(params, arena, query->user_ids, query->user_ids_count);
    TRY(request_query(request, &find, params, &rows));
    struct common_contact *contacts = arena_allocate_array(arena, rows.count, sizeof *contacts);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        struct common_contact *contact = &contacts[i];
        *contact =
            (struct common_contact){ .person_id = identity_id_text(arena, "usr", row_uuid(&row)) };
        contact->name = row_text(&row);
        contact->email = row_text(&row);
        contact->has_phone = !row_skip_null(&row);
        if (contact->has_phone) contact->phone = row_text(&row);
        contact->locale = row_text(&row);
        contact->has_is_proved = true;
        contact->is_proved = row_bool(&row);
    }
    *ret_reply = (struct common_contacts){ .contacts = contacts, .contacts_count = rows.count };
    return STATUS_OK;
}
