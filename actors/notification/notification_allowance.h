/* How many mails a day go to an address that nobody has proved to be his, and how many of those one
 * vendor has sent: messages that strangers can have sent must not become a weapon. Counted in the
 * database by the day, under keyed digests, and trimmed. */
#pragma once

#include "actors/notification/notification_reach.h"

enum {
    /* Mails a day to one such address: of those that prove it (they carry a token), and as many of
     * all others, so that noise does not use up the proofs. Invitations are counted apart: an
     * applicant used up a stranger's reset with twenty of them. */
    NOTIFICATION_UNPROVED_MAX = 20,
    /* Invitations a day to one such address, and mails a day of one vendor to all of them. Who
     * invites has been told at half of that (identity_guard.h): here nobody would be told. Those
     * days begin with the first invitation, and two of them may lie in one of these. */
    NOTIFICATION_INVITED_MAX = 10,
    NOTIFICATION_STRANGERS_MAX = 50,
    NOTIFICATION_ALLOWANCES_TRIMMED_MAX = 5000
};

/* The counts that a batch of notices needs. */
struct notification_allowances;

/* Reads them into the request's arena. WAITS; statuses of request_query(). */
MUST_CHECK enum status
notification_allowances_load(struct request *request, const struct notification_told *told,
                             size_t count, struct notification_allowances **ret_allowances);
/* Takes a mail to that contact of the notice from what is left; false: there is nothing left. A
 * proved address takes nothing. */
MUST_CHECK bool notification_allowances_take(struct request *request,
                                             struct notification_allowances *allowances,
                                             const struct common_notice *notice,
                                             const struct common_contact *contact);
/* Queues what was taken. Two nodes at once may pass a limit by what both have taken. */
void notification_allowances_save(struct request *request,
                                  const struct notification_allowances *allowances);
/* Queues the deletion of counts of days that are over, at most NOTIFICATION_ALLOWANCES_TRIMMED_MAX.
 */
void notification_allowances_trim(struct request *request);
