/* Rows of teams: members and invitations. Nothing but SQL and its mapping. Every find and list
 * WAITS, with the statuses of request_query(); texts in results live in the request's arena. */
#pragma once

#include "actors/host/request.h"
#include "actors/vendor/vendor_checklist.h"

/* A member of a team, as its row has it. */
struct vendor_teammate {
    struct uuid id, vendor_id;
    struct text email, name, locale, password_hash;
    struct text phone; /* may be empty */
    enum vendor_role role;
    bool is_email_verified;
    bool has_second_factor; /* read only */
    bool is_phone_proved;   /* read only */
    int64_t created_at_us;
    int64_t version; /* of its row */
};

/* Somebody who is invited and has not accepted yet. */
struct vendor_invited {
    struct uuid id, vendor_id; /* the id is the person of its ticket */
    struct uuid invited_by;    /* the member; zero: a version before has not noted it */
    struct text email, name, locale;
    enum vendor_role role;
    int64_t created_at_us, expires_at_us;
};

/* Statuses: OK, NOT_FOUND (none of that vendor), those of request_query(). */
MUST_CHECK enum status vendor_member_find(struct request *request, struct uuid member_id,
                                          struct uuid vendor_id,
                                          struct vendor_teammate *ret_member);
/* Statuses as above; addresses are unique over all vendors. */
MUST_CHECK enum status vendor_member_find_by_email(struct request *request, struct text email,
                                                   struct vendor_teammate *ret_member);
/* Members of a vendor with ids above `after`, the first who joined first; at most `limit`. */
MUST_CHECK enum status vendor_member_list(struct request *request, struct uuid vendor_id,
                                          struct uuid after, int64_t limit,
                                          const struct vendor_teammate **ret_members,
                                          size_t *ret_count);
/* How large a team is, and what it has done for the checklist. */
struct vendor_team {
    int64_t members, invitations;
    struct vendor_progress progress;
};
/* Counts members, invitations and what the checklist asks about. WAITS; statuses of
 * request_query(). */
MUST_CHECK enum status vendor_team_count(struct request *request, struct uuid vendor_id,
                                         struct vendor_team *ret_team);

/* Queues a new member; the unit ends with EMAIL_TAKEN when another one was faster. */
void vendor_member_add(struct request *request, const struct vendor_teammate *member);
/* Queues a changed or a removed member; the unit ends with CONFLICT when the row is not at the
 * version before (save) or at its version (remove, require). */
void vendor_member_save(struct request *request, const struct vendor_teammate *member);
void vendor_member_remove(struct request *request, const struct vendor_teammate *member);
/* The unit ends with CONFLICT when the member was changed meanwhile. */
void vendor_member_require(struct request *request, const struct vendor_teammate *member);

/* Statuses: OK, NOT_FOUND, those of request_query(). */
MUST_CHECK enum status vendor_invitation_find(struct request *request, struct uuid id,
                                              struct uuid vendor_id,
                                              struct vendor_invited *ret_invited);
MUST_CHECK enum status vendor_invitation_find_by_email(struct request *request, struct text email,
                                                       struct uuid vendor_id,
                                                       struct vendor_invited *ret_invited);
/* The newest first, at most VENDOR_TEAM_MAX. */
MUST_CHECK enum status vendor_invitation_list(struct request *request, struct uuid vendor_id,
                                              const struct vendor_invitation **ret_invitations,
                                              size_t *ret_count);
/* Queues a new or repeated invitation, and its end. */
void vendor_invitation_save(struct request *request, const struct vendor_invited *invited);
void vendor_invitation_remove(struct request *request, struct uuid id);
/* Queues the end of all invitations that a member has sent. */
void vendor_invitations_end_of(struct request *request, const struct vendor_teammate *inviter);

/* Describes a member to team and staff; the permissions are those of the role while the vendor has
 * that status. */
void vendor_describe_member(struct request *request, const struct vendor_teammate *member,
                            enum vendor_vendor_status status, struct vendor_member *ret_member);
