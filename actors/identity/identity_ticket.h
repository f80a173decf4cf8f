/* One-time tokens that are sent to people: "tic_<id>.<43 characters>". The secret part is a keyed
 * digest of the domain and the id, so that rows and backups hold none, and whoever sends the
 * message can make the token at that moment. */
#pragma once

#include "actors/host/request.h"
#include "domains.h"

/* Stored: append only. */
enum identity_ticket_purpose {
    IDENTITY_TICKET_VERIFY_EMAIL = 1,
    IDENTITY_TICKET_RESET_PASSWORD = 2,
    IDENTITY_TICKET_CHANGE_EMAIL = 3,
    IDENTITY_TICKET_INVITE = 4
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
/* The token of a ticket of that domain, in the request's arena. */
struct text identity_ticket_token(struct request *request, enum domain domain,
                                  struct uuid ticket_id);
/* The ticket that a token is of. Reads nothing. Statuses: OK, INVALID_TICKET (anything else). */
MUST_CHECK enum status identity_ticket_parse(struct request *request, enum domain domain,
                                             struct text token, struct uuid *ret_ticket_id);
/* Loads a ticket that is good, to show what it is for. WAITS. Statuses: OK, INVALID_TICKET
 * (unknown, used, superseded, expired, of another purpose), those of request_query(). */
MUST_CHECK enum status identity_ticket_find(struct request *request, struct uuid ticket_id,
                                            enum identity_ticket_purpose purpose,
                                            struct identity_ticket *ret_ticket);
/* What a ticket is for, good or not. WAITS. Statuses: OK, INVALID_TICKET (there is none), those of
 * request_query(). */
MUST_CHECK enum status identity_ticket_find_purpose(struct request *request, struct uuid ticket_id,
                                                    enum identity_ticket_purpose *ret_purpose);
/* The address that a ticket of the account was opened for, used or not; empty when it has none. So
 * that a message reaches an address that the account no longer has. WAITS; statuses of
 * request_query(). */
MUST_CHECK enum status identity_ticket_find_email(struct request *request, struct uuid ticket_id,
                                                  struct uuid account_id, struct text *ret_email);
/* The same as identity_ticket_find(), and queues its use; the unit ends with CONFLICT when it was
 * used meanwhile. */
MUST_CHECK enum status identity_ticket_use(struct request *request, struct uuid ticket_id,
                                           enum identity_ticket_purpose purpose,
                                           struct identity_ticket *ret_ticket);
/* Queues the end of every unused ticket of a person (its address was changed, it was removed). */
void identity_tickets_void(struct request *request, struct uuid person_id);
/* Queues the deletion of tickets that have expired. */
void identity_tickets_trim(struct request *request);
