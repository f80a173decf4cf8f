/* Not built yet. */
#include "admin_handlers.h"

enum status admin_handle_get_contacts(struct request *request,
                                      const struct admin_get_contacts *query,
                                      struct common_contacts *ret_reply)
{
    (void)request;
    (void)query;
    (void)ret_reply;
    return STATUS_UNSUPPORTED;
}

enum status admin_handle_get_token_keys(struct request *request,
                                        const struct admin_get_token_keys *query,
                                        struct common_token_keys *ret_reply)
{
    (void)request;
    (void)query;
    (void)ret_reply;
    return STATUS_UNSUPPORTED;
}

enum status admin_handle_list_ended_sessions(struct request *request,
                                             const struct admin_list_ended_sessions *query,
                                             struct common_ended_sessions *ret_reply)
{
    (void)request;
    (void)query;
    (void)ret_reply;
    return STATUS_UNSUPPORTED;
}

enum status admin_handle_use_api_key(struct request *request,
                                     const struct admin_use_api_key *command,
                                     struct common_api_key_use *ret_reply)
{
    (void)request;
    (void)command;
    (void)ret_reply;
    return STATUS_UNSUPPORTED;
}

enum status admin_on_user_action_was_audited(struct request *request,
                                             const struct user_action_was_audited *event)
{
    (void)request;
    (void)event;
    return STATUS_UNSUPPORTED;
}

enum status admin_on_vendor_action_was_audited(struct request *request,
                                               const struct vendor_action_was_audited *event)
{
    (void)request;
    (void)event;
    return STATUS_UNSUPPORTED;
}

enum status admin_on_catalog_action_was_audited(struct request *request,
                                                const struct catalog_action_was_audited *event)
{
    (void)request;
    (void)event;
    return STATUS_UNSUPPORTED;
}

enum status admin_on_order_action_was_audited(struct request *request,
                                              const struct order_action_was_audited *event)
{
    (void)request;
    (void)event;
    return STATUS_UNSUPPORTED;
}

enum status admin_on_wallet_action_was_audited(struct request *request,
                                               const struct wallet_action_was_audited *event)
{
    (void)request;
    (void)event;
    return STATUS_UNSUPPORTED;
}

enum status
admin_on_notification_action_was_audited(struct request *request,
                                         const struct notification_action_was_audited *event)
{
    (void)request;
    (void)event;
    return STATUS_UNSUPPORTED;
}
