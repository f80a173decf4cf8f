/* Password hashes, made and verified on the pool. */
#include "actors/identity/identity_password.h"

#include "runtime/secret.h"

struct password_work {
    struct text password;
    uint64_t passes;
    size_t memory_bytes;
    const char *stored_hash; /* to verify; NULL: make a hash */
    char made_hash[PASSWORD_HASH_MAX];
    enum status outcome;
    bool matches;
};

static void do_password_work(void *argument)
{
    struct password_work *work = argument;
    work->outcome = STATUS_OK;
    if (work->stored_hash != NULL)
        work->matches = password_verify(work->stored_hash, work->password);
    else
        work->outcome =
            password_hash(work->password, work->passes, work->memory_bytes, work->made_hash);
}

static enum status run_password_work(struct request *request, struct text password,
                                     const char *stored_hash, struct password_work *ret_work)
{
    const struct config *config = request_config(request);
    *ret_work = (struct password_work){
        .password = password,
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
    TRY(run_password_work(request, password, NULL, &work));
    *ret_hash = text_copy(request_arena(request), text_of(work.made_hash));
    return STATUS_OK;
}

enum status identity_password_check(struct request *request, struct text password,
                                    struct text stored_or_empty, bool *ret_matches)
{
    assert(ret_matches != NULL);
    /* Hashing costs what verifying costs, so an unknown address takes as long as a known one. */
    const bool is_known = stored_or_empty.length > 0;
    const char *stored = is_known ? text_string(request_arena(request), stored_or_empty) : NULL;
    struct password_work work;
    TRY(run_password_work(request, password, stored, &work));
    *ret_matches = is_known && work.matches;
    return STATUS_OK;
}

enum status identity_password_acceptable(struct request *request, const char *pointer,
                                         struct text password, const struct text *context,
                                         size_t context_count)
{
    assert(pointer != NULL);
    const size_t length_min =
        (size_t)config_int(request_config(request), SETTING_PASSWORD_LENGTH_MIN);
    const enum status judged =
        identity_password_judge(password, length_min, context, context_count);
    if (judged == STATUS_OK) return STATUS_OK;
    struct request_fault fault = { .pointer = pointer, .code = judged };
    if (judged == STATUS_OUT_OF_RANGE)
        fault.detail = text_format(request_arena(request), "At least %zu characters.", length_min);
    request_add_fault(request, &fault);
    return judged;
}
