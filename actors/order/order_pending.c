/* Not built yet. */
#include "order_handlers.h"

enum status order_handle_get_erasure_blockers(struct request *request,
                                              const struct order_get_erasure_blockers *query,
                                              struct common_blockers *ret_reply)
{
    (void)request;
    (void)query;
    (void)ret_reply;
    return STATUS_UNSUPPORTED;
}

enum status order_handle_export_shopper(struct request *request,
                                        const struct order_export_shopper *query,
                                        struct common_export_part *ret_reply)
{
    (void)request;
    (void)query;
    (void)ret_reply;
    return STATUS_UNSUPPORTED;
}

enum status order_on_user_user_was_erased(struct request *request,
                                          const struct user_user_was_erased *event)
{
    (void)request;
    (void)event;
    return STATUS_UNSUPPORTED;
}
