/* Not built yet. */
#include "user_handlers.h"

enum status user_handle_get_contacts(struct request *request, const struct user_get_contacts *query, struct common_contacts *ret_reply)
{
    (void)request;
    (void)query;
    (void)ret_reply;
    return STATUS_UNSUPPORTED;
}

enum status user_handle_list_ended_sessions(struct request *request, const struct user_list_ended_sessions *query, struct common_ended_sessions *ret_reply)
{
    (void)request;
    (void)query;
    (void)ret_reply;
    return STATUS_UNSUPPORTED;
}

enum status user_handle_use_api_key(struct request *request, const struct user_use_api_key *command, struct common_api_key_use *ret_reply)
{
    (void)request;
    (void)command;
    (void)ret_reply;
    return STATUS_UNSUPPORTED;
}
