/* Password hashes, made and verified on the pool; and the change of a password. */
#include "actors/user/user_password.h"

#include "actors/user/user_guard.h"
#include "runtime/secret.h"
#include "user_handlers.h"

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

enum status user_password_hash(struct request *request, struct text password, struct text *ret_hash)
{
    struct password_work work;
    TRY(run_password_work(request, password, NULL, &work));
    *ret_hash = text_copy(request_arena(request), text_of(work.made_hash));
    return STATUS_OK;
}

enum status user_password_check(struct request *request, struct text password,
                                const struct user_account *account, bool *ret_matches)
{
    /* Hashing costs what verifying costs, so an unknown address takes as long as a known one. */
    const char *stored =
        account == NULL ? NULL : text_string(request_arena(request), account->password_hash);
    struct password_work work;
    TRY(run_password_work(request, password, stored, &work));
    *ret_matches = account != NULL && work.matches;
    return STATUS_OK;
}

enum status user_handle_change_password(struct request *request,
                                        const struct user_change_password *command)
{
    const struct principal *principal = request_principal(request);
    struct user_account account;
    TRY(user_store_find(request, principal->id, &account));
    struct user_guard guard;
    TRY(user_guard_open(request, account.email, &guard));
    bool matches;
    TRY(user_password_check(request, command->current_password, &account, &matches));
    if (!matches) {
        TRY(user_guard_count(request, &guard));
        request_add_fault(request, &(struct request_fault){ .pointer = "/current_password",
                                                            .code = STATUS_WRONG_PASSWORD });
        return STATUS_WRONG_PASSWORD;
    }
    TRY(user_password_hash(request, command->new_password, &account.password_hash));
    account.version++;
    user_store_save(request, &account);
    user_store_close_other_sessions(request, principal->session, account.id);
    return STATUS_OK;
}
