/* Rows of sessions, and which have ended. Nothing but SQL and its mapping. */
#pragma once

#include "actors/identity/identity_session.h"
#include "common_messages.h"

enum {
    IDENTITY_SESSIONS_LISTED_MAX = 100,
    IDENTITY_ENDED_LISTED_MAX = 500,
    IDENTITY_SESSIONS_TRIMMED_MAX = 5000
};

/* Queues a new row, with the address that the request came from. */
void identity_session_add(struct request *request, const struct identity_session *session);
/* WAITS. Statuses: OK, NOT_FOUND, and those of request_query(). */
MUST_CHECK enum status identity_session_find(struct request *request, struct uuid session_id,
                                             struct identity_session *ret_session);
/* Queues an exchanged session; the unit ends with CONFLICT when the row is not at the version
 * before. */
void identity_session_save(struct request *request, const struct identity_session *session);
/* Queues the time of a second factor. */
void identity_session_confirm(struct request *request, struct uuid session_id,
                              int64_t confirmed_us);
/* Whether a session is open. WAITS. Statuses: OK, UNAUTHENTICATED (it has ended, or never was),
 * those of request_query(). */
MUST_CHECK enum status identity_session_check(struct request *request, struct uuid session_id);
/* Refuses who was signed out: his access token lives on for some minutes, in which no lasting way
 * in is made of it. Queues the same question; the unit ends with CONFLICT when the session has
 * ended meanwhile. WAITS. Statuses: OK, UNAUTHENTICATED, and those of request_query(). */
MUST_CHECK enum status identity_session_require(struct request *request, struct uuid session_id);
/* Queues the end of a session of that account; nothing happens when there is none or it has ended
 * before. */
void identity_session_end(struct request *request, struct uuid session_id, struct uuid account_id);
/* Queues the end of every session of that person for that account but `kept_session_id` (zero:
 * none). What gateways remember of the person's API keys is looked at again, too: most of what ends
 * sessions changes what keys may do. */
void identity_sessions_end_of_person(struct request *request, struct uuid account_id,
                                     struct uuid person_id, struct uuid kept_session_id);
/* The same for everybody of that account. */
void identity_sessions_end_of_account(struct request *request, struct uuid account_id);

/* The sessions of a person that are neither revoked nor expired, the last refreshed first, at most
 * IDENTITY_SESSIONS_LISTED_MAX; is_current is that of the principal's. WAITS; statuses of
 * request_query(). */
MUST_CHECK enum status identity_list_sessions(struct request *request, struct uuid account_id,
                                              struct uuid person_id,
                                              struct common_sign_ins *ret_sessions);

/* Sessions of this domain that ended, and API keys that ended or are to be looked at again, after
 * `after_us` (real time) within the last day, the first ended first, at most
 * IDENTITY_ENDED_LISTED_MAX. ended_through of the last page lies a little back, so that what was
 * still being committed is heard the next time; so ids come more than once. WAITS; statuses of
 * request_query(). */
MUST_CHECK enum status identity_list_ended(struct request *request, int64_t after_us,
                                           struct common_ended_sessions *ret_ended);
/* Queues the deletion of sessions that expired 30 days ago. */
void identity_sessions_trim(struct request *request);
