/* What shoppers change about themselves: name, language, telephone. */
#include "actors/user/user_refusal.h"
#include "actors/user/user_store.h"
#include "runtime/text_form.h"
#include "user_handlers.h"

static enum status set_locale_and_phone(struct request *request,
                                        const struct user_change_me *command,
                                        struct user_account *account)
{
    if (command->has_locale) account->locale = text_of(common_locale_names[command->locale]);
    if (command->has_phone) {
        account->has_phone = command->phone.length > 0;
        if (account->has_phone && !text_is_telephone(command->phone))
            return request_refuse(request, "/phone", STATUS_INVALID_VALUE, TEXT_TELEPHONE_RULE);
        account->is_phone_proved &= text_equals(account->phone, command->phone);
        account->phone = command->phone;
    }
    return STATUS_OK;
}

enum status user_handle_change_me(struct request *request, const struct user_change_me *command,
                                  struct user_user *ret_reply)
{
    struct user_account account;
    struct user_name name;
    TRY(user_store_find_own(request, &account));
    if (!versions_have(VERSIONS_OF(command), account.version)) return STATUS_PRECONDITION_FAILED;
    TRY(set_locale_and_phone(request, command, &account));
    if (command->has_username) {
        if (user_normalise_name(command->username, &name) != STATUS_OK)
            return user_refuse_name(request);
        if (user_name_is_reserved(
                &name, text_of(config_text(request_config(request), SETTING_MARKET_NAME))))
            return request_refuse(request, "/username", STATUS_USERNAME_TAKEN, NULL);
        account.username = command->username;
    }
    if (command->has_username || command->has_locale || command->has_phone) {
        account.version++;
        user_store_save(request, &account);
    }
    if (command->has_username) user_store_save_name(request, account.id, user_name_text(&name));
    user_describe(&account, ret_reply);
    return STATUS_OK;
}
