/* Not built yet. */
#include "vendor_handlers.h"

enum status vendor_handle_get_contacts(struct request *request,
                                       const struct vendor_get_contacts *query,
                                       struct common_contacts *ret_reply)
{
    (void)request;
    (void)query;
    (void)ret_reply;
    return STATUS_UNSUPPORTED;
}

enum status vendor_handle_get_standing(struct request *request,
                                       const struct vendor_get_standing *query,
                                       struct vendor_standing *ret_reply)
{
    (void)request;
    (void)query;
    (void)ret_reply;
    return STATUS_UNSUPPORTED;
}

enum status vendor_handle_get_token_keys(struct request *request,
                                         const struct vendor_get_token_keys *query,
                                         struct common_token_keys *ret_reply)
{
    (void)request;
    (void)query;
    (void)ret_reply;
    return STATUS_UNSUPPORTED;
}

enum status vendor_handle_list_ended_sessions(struct request *request,
                                              const struct vendor_list_ended_sessions *query,
                                              struct common_ended_sessions *ret_reply)
{
    (void)request;
    (void)query;
    (void)ret_reply;
    return STATUS_UNSUPPORTED;
}

enum status vendor_handle_use_api_key(struct request *request,
                                      const struct vendor_use_api_key *command,
                                      struct common_api_key_use *ret_reply)
{
    (void)request;
    (void)command;
    (void)ret_reply;
    return STATUS_UNSUPPORTED;
}
