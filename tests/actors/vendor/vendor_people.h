/* Vendors on a direct market, their teams, and the tokens that are sent to them. */
#pragma once

#include "actors/identity/identity_ticket.h"
#include "tests/support/cmocka.h"
#include "tests/support/direct_request.h"
#include "vendor_handlers.h"

extern struct direct_market *shops;
extern struct arena *shops_arena;

/* A vendor and somebody of its team who is signed in. */
struct shop {
    struct text name, email;
    struct vendor_signed_in signed_in;
    struct principal principal;
};

int shops_open(void **state);
int shops_close(void **state);
/* A vendor that no test had before, and its owner: an applicant, or approved. */
struct shop shops_apply(void);
struct shop shops_draw(void);
extern const struct principal shops_staff;

enum status shops_call(const struct shop *shop, const struct message *message, const void *body,
                       void *ret_reply);
enum status shops_login(struct text email, const char *password, struct text otp,
                        struct vendor_signed_in *ret_reply);
enum status shops_refresh(struct text token, struct vendor_signed_in *ret_reply);
struct principal shops_principal(const struct vendor_signed_in *signed_in);
/* Approves, suspends and so on, as staff. */
enum status shops_approve(const struct shop *shop, struct vendor_own_vendor *ret_vendor);
enum status shops_suspend(const struct shop *shop);
enum status shops_terminate(const struct shop *shop);
/* Invites somebody and accepts for him; fails the test when that is refused. */
struct shop shops_join(const struct shop *shop, enum vendor_role role);

/* The token of the newest ticket of that purpose for an address; fails when there is none. */
struct text shops_token(struct text email, enum identity_ticket_purpose purpose);
/* Puts a second factor in force; answers its secret, to be given to shops_code(). */
struct text shops_enrol(const struct shop *shop, struct common_recovery_codes *ret_codes);
struct text shops_code(struct text secret);
size_t shops_notices(void);
