/* Not built yet. */
#include "notification_handlers.h"

enum status notification_handle_export_shopper(struct request *request,
                                               const struct notification_export_shopper *query,
                                               struct common_export_part *ret_reply)
{
    (void)request;
    (void)query;
    (void)ret_reply;
    return STATUS_UNSUPPORTED;
}

enum status notification_on_user_user_was_erased(struct request *request,
                                                 const struct user_user_was_erased *event)
{
    (void)request;
    (void)event;
    return STATUS_UNSUPPORTED;
}

enum status notification_on_user_notice_was_raised(struct request *request,
                                                   const struct user_notice_was_raised *event)
{
    (void)request;
    (void)event;
    return STATUS_UNSUPPORTED;
}

enum status notification_on_vendor_notice_was_raised(struct request *request,
                                                     const struct vendor_notice_was_raised *event)
{
    (void)request;
    (void)event;
    return STATUS_UNSUPPORTED;
}

enum status notification_on_catalog_notice_was_raised(struct request *request,
                                                      const struct catalog_notice_was_raised *event)
{
    (void)request;
    (void)event;
    return STATUS_UNSUPPORTED;
}

enum status notification_on_order_notice_was_raised(struct request *request,
                                                    const struct order_notice_was_raised *event)
{
    (void)request;
    (void)event;
    return STATUS_UNSUPPORTED;
}

enum status notification_on_admin_notice_was_raised(struct request *request,
                                                    const struct admin_notice_was_raised *event)
{
    (void)request;
    (void)event;
    return STATUS_UNSUPPORTED;
}
