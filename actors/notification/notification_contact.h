/* Asks the domain that knows them where people are reached: user, vendor, admin or, of guests,
 * order; by audience. */
#pragma once

#include "actors/host/request.h"
#include "common_messages.h"

/* Whom a notice concerns. */
struct notification_audience {
    enum common_audience audience;
    struct uuid recipient_id; /* usr_, ven_ or adm_; a guest's og_ */
    bool has_member, has_ticket;
    struct uuid member_id, ticket_id;
};

/* In halves, for several at once; every begin that returned OK must be ended. Statuses as
 * request_ask_begin() and request_ask_end(). */
MUST_CHECK enum status notification_ask_contacts_begin(struct request *request,
                                                       const struct notification_audience *whom,
                                                       struct request_ask **ret_ask);
/* None when the account is gone or was never there. WAITS. */
MUST_CHECK enum status notification_ask_contacts_end(struct request *request,
                                                     struct request_ask **ask,
                                                     struct common_contacts *ret_contacts);
/* Both. WAITS. */
MUST_CHECK enum status notification_ask_contacts(struct request *request,
                                                 const struct notification_audience *whom,
                                                 struct common_contacts *ret_contacts);
/* The contact of a person among them; NULL if there is none. */
const struct common_contact *notification_find_contact(const struct common_contacts *contacts,
                                                       struct text person);
/* "usr_…" and so on, in the request's arena. */
struct text notification_recipient_text(struct request *request, enum common_audience audience,
                                        struct uuid recipient_id);
