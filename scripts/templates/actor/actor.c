/* One handler per message: load, decide, save, publish, reply. */
#include "@name@_handlers.h"
#include "actors/@name@/@name@_store.h"
#include "actors/host/domain.h"

static struct @name@_tally tally_of(const struct @name@ *@name@)
{
    return (struct @name@_tally){ .total = @name@->total, .version = @name@->version };
}

enum status @name@_handle_add(struct request *request, const struct @name@_add *command,
                              struct @name@_tally *ret_reply)
{
    struct @name@ @name@;
    TRY(@name@_store_load(request, request_principal(request)->id, &@name@));
    TRY(@name@_add(&@name@, command->amount));
    @name@_store_save(request, &@name@);

    const struct @name@_tally_was_changed event = { .user_id = @name@.user_id,
                                                    .total = @name@.total };
    TRY(request_publish(request, &@name@_tally_was_changed_message, &event));
    *ret_reply = tally_of(&@name@);
    return STATUS_OK;
}

enum status @name@_handle_get_tally(struct request *request, const struct @name@_get_tally *query,
                                    struct @name@_tally *ret_reply)
{
    (void)query;
    struct @name@ @name@;
    TRY(@name@_store_load(request, request_principal(request)->id, &@name@));
    *ret_reply = tally_of(&@name@);
    return STATUS_OK;
}

const struct domain_definition @name@_domain = {
    .dispatch = &@name@_dispatch,
};
