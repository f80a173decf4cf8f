/* The second factor of a person: enrolment, and the question for a code. Codes that are wrong,
 * malformed or used before are refused alike. */
#pragma once

#include "actors/identity/identity_guard.h"
#include "common_messages.h"

/* Queues a new secret and answers it, shown this once; it is not in force until a code confirms it.
 * `issuer` names the market and `account` the person in the app. WAITS. Statuses: OK,
 * ILLEGAL_TRANSITION (one is in force: disable it first), those of identity_otp_load(). */
MUST_CHECK enum status identity_otp_begin(struct request *request, struct uuid person_id,
                                          struct text issuer, struct text account,
                                          struct common_otp_enrolment *ret_enrolment);
/* Puts it in force and answers the recovery codes, shown this once. WAITS. Statuses: OK,
 * ILLEGAL_TRANSITION (no enrolment was begun, or it is in force), WRONG_OTP (at "/code"),
 * TOO_MANY_REQUESTS, those of request_ask() and identity_otp_load(). */
MUST_CHECK enum status identity_otp_confirm(struct request *request, struct uuid person_id,
                                            struct text code,
                                            struct common_recovery_codes *ret_codes);
/* Queues ten new recovery codes in place of the old ones; check a code first. */
void identity_otp_renew_codes(struct request *request, struct uuid person_id,
                              struct common_recovery_codes *ret_codes);
/* Queues the end of the second factor; check a code first. */
void identity_otp_disable(struct request *request, struct uuid person_id);
/* WAITS; statuses of identity_otp_load(). */
MUST_CHECK enum status identity_otp_is_on(struct request *request, struct uuid person_id,
                                          bool *ret_is_on);

struct identity_second_factor {
    int64_t confirmed_us; /* real time of the code just given; 0: the person has no second factor */
    bool was_recovery_code;
};
/* Asks a person for a one-time or recovery code, and queues its use. `code` is empty when none was
 * sent; `pointer`, a constant, is where the body has it. WAITS. Statuses: OK (given, or none is in
 * force: see confirmed_us), OTP_REQUIRED, WRONG_OTP, TOO_MANY_REQUESTS,
 * those of request_ask() and identity_otp_load(). */
MUST_CHECK enum status identity_otp_check(struct request *request, struct uuid person_id,
                                          struct text code, const char *pointer,
                                          struct identity_second_factor *ret_factor);
