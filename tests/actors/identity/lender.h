/* A domain with one person in it, which notes what identity's handlers do with what it lends. */
#pragma once

#include "tests/actors/identity/identity_stage.h"

enum { LENDER_TOLD_MAX = 8 };

struct lender {
    struct identity_person person;
    bool is_kept_out;    /* nobody is found when the person asks who he is */
    bool is_fixed;       /* a second factor may not be given up */
    enum status noting;  /* what note_failure answers */
    uint64_t rights_now; /* what an API key may do at most */
    size_t requires, saves, thefts, factors, trims, failures;
    enum identity_guard_kind failure_kind; /* of the last failure */
    struct text failure_subject;
    struct uuid failure_person;
    enum common_notice_kind told[LENDER_TOLD_MAX];
    size_t told_count;
};

extern struct lender lender;
/* Lends everything; what is allowed to be NULL is not, or is. */
extern const struct identity_domain lender_whole, lender_bare;

/* A person whom no test had before, with that address and password; nothing is noted yet. */
void lender_draw(struct text email, const char *password);
/* Opens a session of that person; returns its id and refresh token. */
struct uuid lender_sign_in(struct text *ret_refresh_token);
/* Runs `work` in the name of that person. */
enum status lender_run(struct uuid session_id,
                       enum status (*work)(struct request *request, void *context), void *context);
/* Whether a session is there and has not ended. */
bool lender_is_open(struct uuid session_id);
