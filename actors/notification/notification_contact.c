/* Asks the domains where people are reached. */
#include "actors/notification/notification_contact.h"

#include "admin_messages.h"
#include "order_messages.h"
#include "user_messages.h"
#include "vendor_messages.h"

enum status notification_ask_contacts_begin(struct request *request,
                                            const struct notification_audience *whom,
                                            struct request_ask **ret_ask)
{
    assert((unsigned)whom->audience < COMMON_AUDIENCE_COUNT);
    const struct user_get_contacts of_user = { .user_id = whom->recipient_id,
                                               .has_ticket_id = whom->has_ticket,
                                               .ticket_id = whom->ticket_id };
    const struct vendor_get_contacts of_vendor = { .vendor_id = whom->recipient_id,
                                                   .has_member_id = whom->has_member,
                                                   .member_id = whom->member_id,
                                                   .has_ticket_id = whom->has_ticket,
                                                   .ticket_id = whom->ticket_id };
    const struct admin_get_contacts of_staff = { .staff_id = whom->recipient_id,
                                                 .has_ticket_id = whom->has_ticket,
                                                 .ticket_id = whom->ticket_id };
    const struct order_get_contacts of_guest = { .group_id = whom->recipient_id };
    switch (whom->audience) {
    case COMMON_AUDIENCE_STORE:
        return request_ask_begin(request, &user_get_contacts_message, &of_user, ret_ask);
    case COMMON_AUDIENCE_VENDOR:
        return request_ask_begin(request, &vendor_get_contacts_message, &of_vendor, ret_ask);
    case COMMON_AUDIENCE_GUEST:
        return request_ask_begin(request, &order_get_contacts_message, &of_guest, ret_ask);
    case COMMON_AUDIENCE_ADMIN:
        break;
    }
    return request_ask_begin(request, &admin_get_contacts_message, &of_staff, ret_ask);
}

enum status notification_ask_contacts_end(struct request *request, struct request_ask **ask,
                                          struct common_contacts *ret_contacts)
{
    struct common_contacts contacts = { 0 };
    const enum status status = request_ask_end(request, ask, &contacts);
    const bool is_nobody = status == STATUS_NOT_FOUND || status == STATUS_UNSUPPORTED;
    if (status != STATUS_OK && !is_nobody) return status;
    *ret_contacts = is_nobody ? (struct common_contacts){ 0 } : contacts;
    return STATUS_OK;
}

enum status notification_ask_contacts(struct request *request,
                                      const struct notification_audience *whom,
                                      struct common_contacts *ret_contacts)
{
    struct request_ask *ask;
    TRY(notification_ask_contacts_begin(request, whom, &ask));
    return notification_ask_contacts_end(request, &ask, ret_contacts);
}

const struct common_contact *notification_find_contact(const struct common_contacts *contacts,
                                                       struct text person)
{
    for (size_t i = 0; i < contacts->contacts_count; i++) {
        if (text_equals(contacts->contacts[i].person_id, person)) return &contacts->contacts[i];
    }
    return NULL;
}

struct text notification_id_text(struct request *request, const char *prefix, struct uuid id)
{
    char *text = arena_allocate(request_arena(request), ID_TEXT_MAX + 1);
    return (struct text){ text, id_format(prefix, id, text) };
}

struct text notification_recipient_text(struct request *request, enum common_audience audience,
                                        struct uuid recipient_id)
{
    static const char *const prefixes[COMMON_AUDIENCE_COUNT] = {
        [COMMON_AUDIENCE_STORE] = "usr",
        [COMMON_AUDIENCE_VENDOR] = "ven",
        [COMMON_AUDIENCE_ADMIN] = "adm",
        [COMMON_AUDIENCE_GUEST] = "og",
    };
    assert((unsigned)audience < COMMON_AUDIENCE_COUNT);
    return notification_id_text(request, prefixes[audience], recipient_id);
}
