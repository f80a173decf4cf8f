/* Not built yet. */
#include "wallet_handlers.h"

enum status wallet_handle_get_erasure_blockers(struct request *request,
                                               const struct wallet_get_erasure_blockers *query,
                                               struct common_blockers *ret_reply)
{
    (void)request;
    (void)query;
    (void)ret_reply;
    return STATUS_UNSUPPORTED;
}

enum status wallet_handle_export_shopper(struct request *request,
                                         const struct wallet_export_shopper *query,
                                         struct common_export_part *ret_reply)
{
    (void)request;
    (void)query;
    (void)ret_reply;
    return STATUS_UNSUPPORTED;
}
