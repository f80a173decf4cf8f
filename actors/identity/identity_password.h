/* Passwords: Argon2id on a pool thread, with the costs of the configuration, and which new ones are
 * taken. */
#pragma once

#include "actors/host/request.h"

/* The hash to keep of a new password, in the request's arena. WAITS. Statuses: OK, OVERLOADED
 * (password.checks_max are under way), and those of request_offload() and password_hash(). */
MUST_CHECK enum status identity_password_hash(struct request *request, struct text password,
                                              struct text *ret_hash);
struct identity_password_match {
    bool is_right;
    bool
        is_of_before; /* right only as it was typed: the hash is from before passwords had a form */
};
/* Whether the password is that of a stored hash. Empty (nobody has the address): no, after as much
 * work. WAITS; statuses as above. */
MUST_CHECK enum status identity_password_check(struct request *request, struct text password,
                                               struct text stored_or_empty,
                                               struct identity_password_match *ret_match);

/* Whether a new password is taken: at least `length_min` characters; not among the commonest, in
 * whatever case and with up to 4 digits or signs behind or before it; not a repetition or a run;
 * not one of `context` (user name, e-mail, its local part, name of the shop) treated alike.
 * Nothing else is asked of it (NIST SP 800-63B, 5.1.1.2). Pure. Statuses: OK, OUT_OF_RANGE (too
 * short, no UTF-8), PASSWORD_TOO_COMMON. */
MUST_CHECK enum status identity_password_judge(struct text password, size_t length_min,
                                               const struct text *context, size_t context_count);
/* The same with password.length_min, of the form that is hashed (identity_password_form.h), and the
 * fault at `pointer`; what has no form is out of range. */
MUST_CHECK enum status identity_password_acceptable(struct request *request, const char *pointer,
                                                    struct text password,
                                                    const struct text *context,
                                                    size_t context_count);
