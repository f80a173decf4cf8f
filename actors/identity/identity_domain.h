/* The domain that a request runs in, as identity sees it: user, vendor or admin. */
#pragma once

#include "actors/host/request.h"
#include "actors/identity/identity_session.h"
#include "actors/identity/identity_throttle.h"
#include "identity_messages.h"

/* Somebody who signs in. */
struct identity_person {
    struct uuid account_id;
    struct uuid id; /* the vendor's member; else the account */
    struct text email, name;
    struct text phone;         /* empty: none */
    struct text password_hash; /* empty: no password is right */
    struct text renewed_hash;  /* after a sign-in whose hash is of an old form; else empty */
    const void *record;        /* the domain's own, for the functions that it lends */
};

/* What a domain with accounts lends to identity's handlers: one constant per domain, user_identity
 * and so on. Unless they say more, functions that return a status WAIT and have the statuses of
 * request_query(), and the others only queue. "Or NULL": in a domain where there is nothing to do.
 */
struct identity_domain {
    /* What an API key may do, bit by bit. */
    const char *const *permission_names;
    size_t permissions_count;
    /* The sentence that refuses somebody who would end or use a second factor without having one;
     * or NULL. */
    const char *no_factor_detail;

    /* Who is signed in. Statuses: UNAUTHENTICATED (kept out or removed since). */
    enum status (*find_self)(struct request *request, struct identity_person *ret_person);
    /* Who has an address, given in its normal form. Statuses: NOT_FOUND. */
    enum status (*find_by_email)(struct request *request, struct text email,
                                 struct identity_person *ret_person);
    /* Queues a check: the unit ends with CONFLICT when the person has got another password
     * meanwhile, or is kept out. */
    void (*require)(struct request *request, const struct identity_person *person);
    /* Saves a new password, and ends what must not outlive the old one. Sessions are ended by the
     * caller. */
    void (*save_password)(struct request *request, const struct identity_person *person,
                          struct text password_hash);
    /* Tells a person what has happened to the account. Statuses: those of request_publish(). */
    enum status (*tell)(struct request *request, const struct identity_person *person,
                        enum common_notice_kind kind);
    /* The same with the ticket of a code; or NULL where nobody has a telephone. */
    enum status (*tell_ticket)(struct request *request, const struct identity_person *person,
                               enum common_notice_kind kind, struct uuid ticket_id);
    /* Takes from use->rights what the account and the maker of the key may not do now. Statuses:
     * UNAUTHENTICATED (one of them may do nothing). */
    enum status (*limit_api_key)(struct request *request, struct common_api_key_use *use);

    /* After a wrong password or code, counted under `subject`; person_id is zero when nobody has
     * the address. Statuses: those of request_ask(). Or NULL. */
    enum status (*note_failure)(struct request *request, enum identity_guard_kind kind,
                                struct text subject, struct uuid person_id);
    /* A session was closed because its refresh token was used twice. Or NULL. */
    void (*note_theft)(struct request *request, const struct identity_session *session);
    /* The second factor of who is signed in has come into force. Or NULL. */
    void (*note_factor)(struct request *request);
    /* Whether a second factor may be given up. Does not wait. Statuses: OK, and the refusal. Or
     * NULL. */
    enum status (*may_end_factor)(const struct request *request);
    /* Deletes what else has had its time. Or NULL. */
    void (*trim)(struct request *request);
};

/* The domain's own messages. */
const struct identity_messages *identity_messages_here(const struct request *request);
/* The surface whose tokens and keys the domain signs and knows. */
enum common_audience identity_audience_here(const struct request *request);
/* The id of who is signed in: of a vendor the member's, else the account's. */
struct uuid identity_person_id(const struct request *request);
