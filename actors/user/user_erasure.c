/* The end of an account: what other domains still need of it stays, without a name. */
#include "actors/identity/identity_erasure.h"
#include "actors/identity/identity_secret.h"
#include "actors/user/user_address_store.h"
#include "actors/user/user_notice.h"
#include "actors/user/user_oidc_store.h"
#include "actors/user/user_password.h"
#include "people_messages.h"
#include "user_handlers.h"

/* How long nothing can be ordered when an erasure is cut short by a crash: as long as an access
 * token may live. */
#define HOLD_US (INT64_C(900) * 1000000)

enum people_step { PEOPLE_HOLD, PEOPLE_FREE };

/* Goes on after a failure, so that all are freed that can be; the first one counts. */
static enum status tell_all(struct request *request, enum people_step step, struct uuid user_id)
{
    const struct people_hold_shopper hold = { .user_id = user_id,
                                              .until_us = request_now_us(request) + HOLD_US };
    const struct people_free_shopper free_again = { .user_id = user_id };
    enum status first = STATUS_OK;
    for (enum domain domain = 0; domain < DOMAIN_LIMIT; domain++) {
        const struct people_messages *messages = people_messages_of(domain);
        if (messages == NULL || messages->hold_shopper == NULL) continue;
        const enum status status =
            step == PEOPLE_HOLD ? request_ask(request, messages->hold_shopper, &hold, NULL)
                                : request_ask(request, messages->free_shopper, &free_again, NULL);
        if (first == STATUS_OK) first = status;
    }
    return first;
}

static void add_blockers(struct request *request, const struct common_blockers *blockers)
{
    for (size_t i = 0; i < blockers->blockers_count; i++)
        request_add_fault(request,
                          &(struct request_fault){ .pointer = "",
                                                   .code = STATUS_ERASURE_BLOCKED,
                                                   .detail = blockers->blockers[i].detail });
}

static enum status check_blockers(struct request *request, struct uuid user_id)
{
    const struct people_get_erasure_blockers question = { .user_id = user_id };
    enum status status = STATUS_OK;
    /* From the highest number of messages down: the wallet comes before the orders, and what is
     * left in it is what people can do something about. */
    for (enum domain domain = DOMAIN_LIMIT; domain-- > 0;) {
        const struct people_messages *messages = people_messages_of(domain);
        if (messages == NULL || messages->get_erasure_blockers == NULL) continue;
        struct common_blockers blockers;
        TRY(request_ask(request, messages->get_erasure_blockers, &question, &blockers));
        add_blockers(request, &blockers);
        if (blockers.blockers_count > 0) status = STATUS_ERASURE_BLOCKED;
    }
    return status;
}

/* Leaves an account that names nobody and that nobody can sign in to. */
static void anonymise(struct request *request, struct user_account *account)
{
    struct arena *arena = request_arena(request);
    const struct text id = identity_id_text(arena, "x", account->id);
    const struct text suffix = { id.data + sizeof("x_") - 1, id.length - (sizeof("x_") - 1) };
    account->username =
        text_format(arena, USER_ERASED_LEAD "%.*s", (int)suffix.length, suffix.data);
    account->email =
        text_format(arena, "%.*s@invalid", (int)account->username.length, account->username.data);
    account->password_hash = TEXT("");
    account->status = USER_ACCOUNT_STATUS_ERASED;
    account->is_email_verified = false;
    account->is_holder_proved = false;
    account->has_phone = false;
    account->version++;
}

/* Nothing is begun from here on, so that what blocks an erasure cannot come after the question.
 * When the account stays, it is freed; if that fails, the clock does it. */
static enum status hold_or_refuse(struct request *request, struct uuid user_id)
{
    enum status status = tell_all(request, PEOPLE_HOLD, user_id);
    if (status == STATUS_OK) status = check_blockers(request, user_id);
    if (status == STATUS_OK) return STATUS_OK;
    const enum status freed = tell_all(request, PEOPLE_FREE, user_id);
    if (freed != STATUS_OK) log_warning("user_not_freed_after_erasure", LOG_STATUS(freed));
    return status;
}

enum status user_handle_erase_me(struct request *request, const struct user_erase_me *command)
{
    struct user_account account;
    TRY(user_store_find_own(request, &account));
    TRY(user_prove_presence(request, &account,
                            command->has_current_password ? &command->current_password : NULL));
    TRY(hold_or_refuse(request, account.id));

    const struct text old_email = account.email;
    anonymise(request, &account);
    user_store_save(request, &account);
    user_store_save_name(request, account.id, account.username);
    user_address_remove_all(request, account.id);
    user_oidc_remove_all(request, account.id);
    identity_erase_account(request, account.id);
    /* The notice last: whoever hears of the erasure drops what is not sent yet. */
    const struct user_user_was_erased event = { .user_id = account.id };
    TRY(request_publish(request, &user_user_was_erased_message, &event));
    return user_raise_farewell(request, COMMON_NOTICE_KIND_ACCOUNT_ERASED, account.id, old_email);
}
