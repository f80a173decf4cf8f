/* Where people are reached: asked of the domain that knows them, by audience (user, vendor, admin,
 * or of guests order), each time anew (actors/notification/README.md, Decisions: rows hold no
 * addresses and no tokens).
 */
#pragma once

#include "actors/host/request.h"
#include "common_messages.h"

/* Whom a notice concerns. */
struct notification_audience {
    enum common_audience audience;
    struct uuid recipient_id; /* usr_, ven_ or adm_; a guest's og_ */
    bool has_member, has_ticket;
    struct uuid member_id,
        ticket_id; /* one member of a team; the one whom the ticket was made for */
};

/* Asks in halves, for several at once; every begin that returned OK must be ended. Statuses as
 * request_ask_begin(). */
MUST_CHECK enum status notification_ask_contacts_begin(struct request *request,
                                                       const struct notification_audience *whom,
                                                       struct request_ask **ret_ask);
/* The contacts, in the request's arena; none when the account is gone, was never there, or its
 * domain is not hosted. WAITS. Statuses as request_ask_end() but NOT_FOUND and UNSUPPORTED. */
MUST_CHECK enum status notification_ask_contacts_end(struct request *request,
                                                     struct request_ask **ask,
                                                     struct common_contacts *ret_contacts);
/* Both halves. WAITS. Statuses as above. */
MUST_CHECK enum status notification_ask_contacts(struct request *request,
                                                 const struct notification_audience *whom,
                                                 struct common_contacts *ret_contacts);
/* The contact of a person ("usr_…" and so on) among them, lent; NULL if there is none. */
const struct common_contact *notification_find_contact(const struct common_contacts *contacts,
                                                       struct text person);
/* An id as text, such as "og_01h455…", in the request's arena. */
struct text notification_id_text(struct request *request, const char *prefix, struct uuid id);
/* The same with the prefix of the audience's recipients: "usr_…", "ven_…", "adm_…" or "og_…". */
struct text notification_recipient_text(struct request *request, enum common_audience audience,
                                        struct uuid recipient_id);
