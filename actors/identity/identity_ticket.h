/* One-time tickets: what a token that is sent to somebody (actors/host/mail_token.h) is good for.
 */
#pragma once

#include "actors/host/request.h"

/* Stored: append only. */
enum identity_ticket_purpose {
    IDENTITY_TICKET_VERIFY_EMAIL = 1,
    IDENTITY_TICKET_RESET_PASSWORD = 2,
    IDENTITY_TICKET_CHANGE_EMAIL = 3,
    IDENTITY_TICKET_INVITE = 4,
    IDENTITY_TICKET_PROVE_PHONE = 5 /* its `email` is a telephone */
};

enum { IDENTITY_TICKETS_TRIMMED_MAX = 5000 };

struct identity_ticket {
    struct uuid id;
    enum identity_ticket_purpose purpose;
    struct uuid account_id;
    struct uuid person_id;          /* the invited one, too */
    struct text email;              /* that it is sent to or is about; may be empty */
    int64_t created_us, expires_us; /* market time */
};

/* Queues a ticket in the request's shard, which is the account's; older unused ones of the same
 * purpose and person are superseded. Returns its id. */
struct uuid identity_ticket_open(struct request *request, enum identity_ticket_purpose purpose,
                                 struct uuid account_id, struct uuid person_id, struct text email,
                                 int64_t life_us);
/* Loads a ticket that is good, to show what it is for. WAITS. Statuses: OK, INVALID_TICKET
 * (unknown, used, superseded, expired, of another purpose), those of request_query(). */
MUST_CHECK enum status identity_ticket_find(struct request *request, struct uuid ticket_id,
                                            enum identity_ticket_purpose purpose,
                                            struct identity_ticket *ret_ticket);
/* What a ticket is for, good or not. WAITS. Statuses: OK, INVALID_TICKET (there is none), those of
 * request_query(). */
MUST_CHECK enum status identity_ticket_find_purpose(struct request *request, struct uuid ticket_id,
                                                    enum identity_ticket_purpose *ret_purpose);
/* The last ticket of a person for that purpose, if it is good: for what is proved by a code instead
 * of a token. WAITS; statuses of identity_ticket_find(). */
MUST_CHECK enum status identity_ticket_find_open(struct request *request,
                                                 enum identity_ticket_purpose purpose,
                                                 struct uuid person_id,
                                                 struct identity_ticket *ret_ticket);
/* The address (IDENTITY_TICKET_PROVE_PHONE: the telephone) that a ticket of the account was opened
 * for, used or not; empty when it has none. So that a message reaches an address that the account
 * no longer has. WAITS; statuses of request_query(). */
MUST_CHECK enum status identity_ticket_find_email(struct request *request, struct uuid ticket_id,
                                                  struct uuid account_id, bool *ret_is_phone,
                                                  struct text *ret_email);
/* The same as identity_ticket_find(), and queues its use; the unit ends with CONFLICT when it was
 * used meanwhile. */
MUST_CHECK enum status identity_ticket_use(struct request *request, struct uuid ticket_id,
                                           enum identity_ticket_purpose purpose,
                                           struct identity_ticket *ret_ticket);
/* Queues the end of every unused ticket of a person (its address was changed, it was removed). */
void identity_tickets_void(struct request *request, struct uuid person_id);
/* Queues the deletion of tickets that have expired. */
void identity_tickets_trim(struct request *request);
