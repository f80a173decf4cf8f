/* What one member of the staff may not do alone: from market.refund_approval_from on a command that
 * moves money is kept as it was sent, with nothing of it done, and another member of the staff has
 * it run, in one unit with his word, or declines it. Domains join by messages/approvals.toml. */
#pragma once

#include "actors/host/request.h"
#include "approvals_messages.h"
#include "common_messages.h"

/* What a command is about to move. */
struct approval_wish {
    const char *prefix; /* of what it is done to */
    struct uuid subject;
    struct uuid counted; /* what is moved in small parts counts together: by this, */
    int64_t since_us;    /* since then, in the currency */
    struct money amount;
};

/* Before the command's effect is final: whether it may be done. What may is noted, so that the next
 * one counts it, and commits only while the sum is below the amount. Of others than staff, and of
 * nothing, it says OK. WAITS. Statuses: OK; NEEDS_APPROVAL (the handler returns it at once, and its
 * wrapper says approval_wait()); APPROVAL_OUTDATED (it was approved, and would come to something
 * else now); those of request_query(). */
MUST_CHECK enum status approval_require(struct request *request, const struct approval_wish *wish);

/* A handler that was told NEEDS_APPROVAL: what it has queued is dropped, and the command waits
 * (202). What it was conditional on does not: the amount is. `*ret_subject` is what it is done to;
 * NULL: it is known. WAITS. Statuses: OK;
 * TOO_MANY_APPROVALS, those of request_query() and of msgpack_encode(). */
MUST_CHECK enum status approval_wait(struct request *request, const struct message *message,
                                     const void *command, struct common_approval *ret_approval,
                                     struct uuid *ret_subject);

/* Whose doing it is: of what was approved, who has asked for it. */
struct uuid approval_requester(const struct request *request);

/* Runs what was asked for by its handler, in this request. `*ret_reply` is the reply of that
 * message. WAITS. Statuses: OK; NOT_FOUND, OWN_REQUEST, APPROVAL_ENDED, FORBIDDEN (the approver may
 * not do it himself), REQUESTER_LOST_RIGHT, APPROVAL_OUTDATED, and those of the handler. */
MUST_CHECK enum status approval_approve(struct request *request, struct uuid approval_id,
                                        struct text reason, const struct message **ret_message,
                                        void **ret_reply, struct common_approval *ret_approval);
/* WAITS. Statuses: OK; NOT_FOUND, OWN_REQUEST, APPROVAL_ENDED, FORBIDDEN. */
MUST_CHECK enum status approval_decline(struct request *request, struct uuid approval_id,
                                        struct text reason, struct common_approval *ret_approval);

/* WAITS. Statuses: OK, INVALID_PARAMETER, CORRUPT, those of request_query(). */
MUST_CHECK enum status approval_list(struct request *request,
                                     const struct approvals_list_requests *query,
                                     struct common_approvals *ret_page);
