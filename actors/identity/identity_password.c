/* Password hashes, made and verified on the pool. */
#include "actors/identity/identity_password.h"

#include "actors/identity/identity_password_form.h"
#include "runtime/secret.h"

struct password_work {
    struct text password, raw; /* `raw` is empty when it is the same */
    uint64_t passes;
    size_t memory_bytes;
    const char *stored_hash; /* to verify; NULL: make a hash */
    char made_hash[PASSWORD_HASH_MAX];
    enum status outcome;
    bool matches, matches_raw;
};

static void do_password_work(void *argument)
{
    struct password_work *work = argument;
    work->outcome = STATUS_OK;
    if (work->stored_hash == NULL) {
        work->outcome =
            password_hash(work->password, work->passes, work->memory_bytes, work->made_hash);
        return;
    }
    work->outcome = password_verify(work->stored_hash, work->password, &work->matches);
    if (work->outcome == STATUS_OK && !work->matches && work->raw.length > 0)
        work->outcome = password_verify(work->stored_hash, work->raw, &work->matches_raw);
}

static enum status run_password_work(struct request *request, struct text password, struct text raw,
                                     const char *stored_hash, struct password_work *ret_work)
{
    const struct config *config = request_config(request);
    *ret_work = (struct password_work){
        .password = password,
        .raw = raw,
        .passes = (uint64_t)config_int(config, SETTING_ARGON2_PASSES),
        .memory_bytes = (size_t)config_int(config, SETTING_ARGON2_MEMORY_KIB) * 1024,
        .stored_hash = stored_hash,
    };
    TRY(request_offload(request, do_password_work, ret_work));
    return ret_work->outcome;
}

enum status identity_password_hash(struct request *request, struct text password,
                                   struct text *ret_hash)
{
    assert(ret_hash != NULL);
    struct password_work work;
    struct text form;
    IGNORE(identity_password_form(request_arena(request), password, &form));
    TRY(run_password_work(request, form, TEXT(""), NULL, &work));
    *ret_hash = text_copy(request_arena(request), text_of(work.made_hash));
    return STATUS_OK;
}

/* Hashing costs what verifying costs, so an unknown address takes as long as a known one; and what
 * would be compared twice there is hashed twice here. */
static enum status waste_time(struct request *request, struct text form, struct text raw)
{
    struct password_work work;
    TRY(run_password_work(request, form, TEXT(""), NULL, &work));
    if (raw.length == 0) return STATUS_OK;
    return run_password_work(request, raw, TEXT(""), NULL, &work);
}

enum status identity_password_check(struct request *request, struct text password,
                                    struct text stored_or_empty,
                                    struct identity_password_match *ret_match)
{
    assert(ret_match != NULL);
    struct password_work work;
    struct text form;
    IGNORE(identity_password_form(request_arena(request), password, &form));
    const struct text raw = text_equals(form, password) ? TEXT("") : password;
    *ret_match = (struct identity_password_match){ .is_right = false };
    if (stored_or_empty.length == 0) return waste_time(request, form, raw);
    const char *stored = text_string(request_arena(request), stored_or_empty);
    TRY(run_password_work(request, form, raw, stored, &work));
    ret_match->is_right = work.matches || work.matches_raw;
    ret_match->is_of_before = work.matches_raw;
    return STATUS_OK;
}

enum status identity_password_acceptable(struct request *request, const char *pointer,
                                         struct text password, const struct text *context,
                                         size_t context_count)
{
    assert(pointer != NULL);
    const size_t length_min =
        (size_t)config_int(request_config(request), SETTING_PASSWORD_LENGTH_MIN);
    struct text form;
    const bool has_form =
        identity_password_form(request_arena(request), password, &form) == STATUS_OK;
    const enum status judged =
        has_form ? identity_password_judge(form, length_min, context, context_count)
                 : STATUS_OUT_OF_RANGE;
    if (judged == STATUS_OK) return STATUS_OK;
    struct request_fault fault = { .pointer = pointer, .code = judged };
    if (!has_form) {
        fault.detail = TEXT("No control characters.");
    } else if (judged == STATUS_OUT_OF_RANGE) {
        fault.detail = text_format(request_arena(request), "At least %zu characters.", length_min);
        fault.has_minimum = true;
        fault.minimum = (int64_t)length_min;
    }
    request_add_fault(request, &fault);
    return judged;
}
