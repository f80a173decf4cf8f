/* Second factors: enrolment and checks. */
#include "actors/identity/identity_second_factor.h"

#include <string.h>

#include "actors/identity/identity_otp_store.h"
#include "runtime/secret.h"

enum { UUID_BYTES = 16 };

static enum status refuse(struct request *request, const char *pointer, enum status code)
{
    request_add_fault(request, &(struct request_fault){ .pointer = pointer, .code = code });
    return code;
}

/* An unfinished enrolment is replaced: the old secret may have been shown to nobody. */
enum status identity_otp_begin(struct request *request, struct uuid person_id, struct text issuer,
                               struct text account, struct common_otp_enrolment *ret_enrolment)
{
    assert(ret_enrolment != NULL);
    struct arena *arena = request_arena(request);
    struct identity_otp otp;
    TRY(identity_otp_load(request, person_id, &otp));
    if (otp.is_confirmed) return STATUS_ILLEGAL_TRANSITION;
    request_random(request, otp.secret, sizeof otp.secret);
    identity_otp_save_secret(request, &otp);
    ret_enrolment->secret = identity_base32(arena, otp.secret, sizeof otp.secret);
    ret_enrolment->uri = identity_otp_uri(arena, issuer, account, ret_enrolment->secret);
    secret_wipe(&otp, sizeof otp);
    return STATUS_OK;
}

/* With the person's id, so that equal codes of two people have different digests. */
static void digest_code(struct uuid person_id, const char code[IDENTITY_RECOVERY_LENGTH],
                        uint8_t ret_digest[IDENTITY_DIGEST_BYTES])
{
    char bytes[UUID_BYTES + IDENTITY_RECOVERY_LENGTH];
    memcpy(bytes, person_id.bytes, UUID_BYTES);
    memcpy(bytes + UUID_BYTES, code, IDENTITY_RECOVERY_LENGTH);
    identity_digest((struct text){ bytes, sizeof bytes }, ret_digest);
}

void identity_otp_renew_codes(struct request *request, struct uuid person_id,
                              struct common_recovery_codes *ret_codes)
{
    assert(ret_codes != NULL);
    struct arena *arena = request_arena(request);
    struct text *codes = arena_allocate_array(arena, IDENTITY_RECOVERY_CODES, sizeof *codes);
    uint8_t digests[IDENTITY_RECOVERY_CODES][IDENTITY_DIGEST_BYTES];
    for (size_t i = 0; i < IDENTITY_RECOVERY_CODES; i++) {
        uint8_t random[IDENTITY_RECOVERY_BYTES];
        char normal[IDENTITY_RECOVERY_LENGTH];
        request_random(request, random, sizeof random);
        codes[i] = identity_recovery_code(arena, random);
        const enum status is_normal = identity_recovery_normalise(codes[i], normal);
        assert(is_normal == STATUS_OK);
        digest_code(person_id, normal, digests[i]);
    }
    identity_recovery_replace(request, person_id, digests, IDENTITY_RECOVERY_CODES);
    *ret_codes =
        (struct common_recovery_codes){ .codes = codes, .codes_count = IDENTITY_RECOVERY_CODES };
}

static enum status open_guard(struct request *request, struct uuid person_id,
                              struct identity_guard *ret_guard)
{
    const struct text subject = { (const char *)person_id.bytes, UUID_BYTES };
    return identity_guard_open(request, IDENTITY_GUARD_SECOND_FACTOR, subject, ret_guard);
}

static enum status count_wrong_code(struct request *request, const struct identity_guard *guard,
                                    const char *pointer)
{
    TRY(identity_guard_count(request, guard));
    return refuse(request, pointer, STATUS_WRONG_OTP);
}

enum status identity_otp_confirm(struct request *request, struct uuid person_id, struct text code,
                                 struct common_recovery_codes *ret_codes)
{
    assert(ret_codes != NULL);
    struct identity_otp otp;
    struct identity_guard guard;
    TRY(identity_otp_load(request, person_id, &otp));
    if (otp.version == 0 || otp.is_confirmed) return STATUS_ILLEGAL_TRANSITION;
    TRY(open_guard(request, person_id, &guard));
    if (!identity_otp_matches(otp.secret, code, request_real_us(request), otp.last_step,
                              &otp.last_step))
        return count_wrong_code(request, &guard, "/code");
    otp.is_confirmed = true;
    otp.version++;
    identity_otp_save_use(request, &otp);
    secret_wipe(&otp, sizeof otp);
    identity_otp_renew_codes(request, person_id, ret_codes);
    identity_guard_forget(request, &guard);
    return STATUS_OK;
}

void identity_otp_disable(struct request *request, struct uuid person_id)
{
    identity_otp_remove(request, person_id);
}

enum status identity_otp_is_on(struct request *request, struct uuid person_id, bool *ret_is_on)
{
    assert(ret_is_on != NULL);
    struct identity_otp otp;
    TRY(identity_otp_load(request, person_id, &otp));
    *ret_is_on = otp.is_confirmed;
    secret_wipe(&otp, sizeof otp);
    return STATUS_OK;
}

/* Queues the use of a code that is good. */
static enum status use_code(struct request *request, struct identity_otp *otp, struct text code,
                            bool *ret_is_good, bool *ret_was_recovery)
{
    *ret_was_recovery = false;
    *ret_is_good = identity_otp_matches(otp->secret, code, request_real_us(request), otp->last_step,
                                        &otp->last_step);
    if (*ret_is_good) {
        otp->version++;
        identity_otp_save_use(request, otp);
        return STATUS_OK;
    }
    char normal[IDENTITY_RECOVERY_LENGTH];
    uint8_t digest[IDENTITY_DIGEST_BYTES];
    if (identity_recovery_normalise(code, normal) != STATUS_OK) return STATUS_OK;
    digest_code(otp->person_id, normal, digest);
    TRY(identity_recovery_find(request, otp->person_id, digest, ret_is_good));
    *ret_was_recovery = *ret_is_good;
    if (*ret_is_good) identity_recovery_use(request, otp->person_id, digest);
    return STATUS_OK;
}

enum status identity_otp_check(struct request *request, struct uuid person_id, struct text code,
                               const char *pointer, struct identity_second_factor *ret_factor)
{
    assert(pointer != NULL);
    assert(ret_factor != NULL);
    struct identity_otp otp;
    struct identity_guard guard;
    bool is_good, was_recovery;
    TRY(identity_otp_load(request, person_id, &otp));
    if (!otp.is_confirmed) {
        *ret_factor = (struct identity_second_factor){ 0 };
        return STATUS_OK;
    }
    if (code.length == 0) return refuse(request, pointer, STATUS_OTP_REQUIRED);
    TRY(open_guard(request, person_id, &guard));
    TRY(use_code(request, &otp, code, &is_good, &was_recovery));
    secret_wipe(otp.secret, sizeof otp.secret);
    if (!is_good) return count_wrong_code(request, &guard, pointer);
    identity_guard_forget(request, &guard);
    *ret_factor = (struct identity_second_factor){ .confirmed_us = request_real_us(request),
                                                   .was_recovery_code = was_recovery };
    return STATUS_OK;
}
