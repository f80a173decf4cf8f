/* Shoppers on a direct market, and the tokens that are sent to them. */
#pragma once

#include "actors/identity/identity_ticket.h"
#include "tests/support/cmocka.h"
#include "tests/support/direct_request.h"
#include "user_handlers.h"

extern struct direct_market *people_market;
extern struct arena *people_arena;

struct person {
    struct text email, username;
    struct user_signed_in signed_in;
    struct principal principal;
};

void people_open(void);
void people_close(void);
/* Registers somebody whom no test had before. */
struct person people_draw(void);
enum status people_login(const struct person *person, const char *password, struct text otp,
                         struct user_signed_in *ret_reply);
enum status people_refresh(struct text token, struct user_signed_in *ret_reply);
/* The token of the newest ticket of that purpose, used or not; fails the test when there is none.
 */
struct text people_token(const struct person *person, enum identity_ticket_purpose purpose);
struct text people_find_token(struct uuid user_id, enum identity_ticket_purpose purpose);
enum status people_verify(struct text token);
/* The same, signed in. */
enum status people_verify_as(const struct person *person, struct text token);
/* Puts a second factor in force; answers its secret, to be given to people_code(). */
struct text people_enrol(const struct person *person, struct common_recovery_codes *ret_codes);
/* What an app shows now. */
struct text people_code(struct text secret);
size_t people_notices(void);
