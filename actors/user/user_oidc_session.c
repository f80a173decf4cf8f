/* What follows when a provider has confirmed somebody: a session, a link, or a new account. */
#include "actors/identity/identity_proof.h"
#include "actors/user/user_identity.h"
#include "actors/user/user_notice.h"
#include "actors/user/user_oidc.h"
#include "actors/user/user_oidc_provider.h"
#include "actors/user/user_sign_in.h"
#include "messages/locale.h"
#include "user_handlers.h"

enum { NAMES_MAX = 5, NAME_DIGITS = 1000000 };

struct user_linked_identity user_oidc_link(struct request *request, struct uuid user_id,
                                           const struct user_profile *profile)
{
    assert(profile != NULL);
    return (struct user_linked_identity){
        .id = request_new_id(request),
        .user_id = user_id,
        .issuer = profile->issuer,
        .subject = profile->subject,
        .provider = profile->provider,
        .email = profile->has_email ? profile->email : TEXT(""),
        .created_at_us = request_now_us(request),
    };
}

enum status user_oidc_raise_notice(struct request *request, enum common_notice_kind kind,
                                   struct uuid user_id, struct text provider_name)
{
    struct config_oidc_provider settings;
    const bool is_known = config_oidc_find(request_config(request), provider_name, &settings);
    return user_raise_notice_with(request, kind, user_id, TEXT("provider"),
                                  is_known ? settings.title : provider_name);
}

/* ---- a session ---- */

/* Links by the address. Saving the account with its version makes sure that address and holder are
 * still the same when the link is written. */
static enum status link_by_address(struct request *request, struct user_account *account,
                                   const struct user_profile *profile)
{
    const struct user_identity *linked;
    size_t count;
    TRY(user_oidc_list(request, account->id, &linked, &count));
    if (count >= USER_IDENTITIES_MAX) return STATUS_IDENTITY_UNLINKED;
    account->version++;
    user_store_save(request, account);
    const struct user_linked_identity identity = user_oidc_link(request, account->id, profile);
    user_oidc_add(request, &identity);
    return user_oidc_raise_notice(request, COMMON_NOTICE_KIND_IDENTITY_LINKED, account->id,
                                  profile->provider);
}

static bool is_same_address(const struct user_account *account, const struct user_profile *profile)
{
    return account->is_holder_proved && profile->has_email && profile->is_email_verified &&
           text_equals(account->email, profile->email);
}

enum status user_handle_sign_in_by_profile(struct request *request,
                                           const struct user_sign_in_by_profile *command,
                                           struct user_signed_in *ret_reply)
{
    struct user_account account;
    struct user_linked_identity identity;
    struct identity_second_factor factor;
    const struct user_profile *profile = &command->profile;
    TRY(user_store_find(request, command->user_id, &account));
    const enum status found = user_oidc_find(request, profile->issuer, profile->subject, &identity);
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) return found;
    const bool is_linked = found == STATUS_OK && uuid_equals(identity.user_id, account.id);
    if (!is_linked && (found == STATUS_OK || !is_same_address(&account, profile)))
        return STATUS_IDENTITY_UNLINKED;
    if (account.status != USER_ACCOUNT_STATUS_ACTIVE) return STATUS_ACCOUNT_BLOCKED;
    TRY(identity_check_factor(request, &user_identity, account.id,
                              command->has_otp ? command->otp : TEXT(""), "/otp", &factor));
    user_store_require_active(request, &account);
    if (is_linked)
        user_oidc_require(request, &identity);
    else
        TRY(link_by_address(request, &account, profile));
    if (factor.was_recovery_code)
        TRY(user_raise_notice(request, COMMON_NOTICE_KIND_RECOVERY_CODE_USED, account.id, NULL));
    return user_sign_in(request, &account, factor.confirmed_us, ret_reply);
}

/* ---- an account ---- */

static struct text local_part(struct text email)
{
    size_t length = 0;
    while (length < email.length && email.data[length] != '@')
        length++;
    return (struct text){ email.data, length };
}

/* Chooses a user name that is free: the suggestion, else the suggestion with a random number behind
 * it. */
static enum status choose_name(struct request *request, const struct user_profile *profile,
                               struct text *ret_name)
{
    struct arena *arena = request_arena(request);
    struct user_name name;
    struct text names[NAMES_MAX];
    bool are_taken[NAMES_MAX];
    user_suggest_name(profile->has_name ? profile->name : local_part(profile->email), &name);
    const char *market = config_text(request_config(request), SETTING_MARKET_NAME);
    if (user_name_is_reserved(&name, text_of(market))) user_suggest_name(TEXT(""), &name);
    names[0] = text_copy(arena, user_name_text(&name));
    for (size_t i = 1; i < NAMES_MAX; i++) {
        uint32_t number;
        request_random(request, &number, sizeof number);
        names[i] = text_format(arena, "%.*s-%u", (int)name.length, name.text, number % NAME_DIGITS);
    }
    TRY(user_oidc_check_names(request, names, NAMES_MAX, are_taken));
    for (size_t i = 0; i < NAMES_MAX; i++) {
        if (are_taken[i]) continue;
        *ret_name = names[i];
        return STATUS_OK;
    }
    return STATUS_USERNAME_TAKEN;
}

enum status user_handle_register_by_profile(struct request *request,
                                            const struct user_register_by_profile *command,
                                            struct user_signed_in *ret_reply)
{
    const struct user_profile *profile = &command->profile;
    bool email_is_taken, name_is_taken;
    struct user_account account = {
        .id = request_new_id(request), /* in the shard of the e-mail */
        .email = command->email,
        .password_hash = TEXT(""),
        .created_at_us = request_now_us(request),
        .is_email_verified = true,
        .is_holder_proved = true,
        .locale = profile->has_locale && locale_is_known(profile->locale) ? profile->locale
                                                                          : locale_default(),
        .version = 1,
    };
    TRY(choose_name(request, profile, &account.username));
    TRY(user_store_check_free(request, account.email, account.username, &email_is_taken,
                              &name_is_taken));
    if (email_is_taken) return STATUS_EMAIL_TAKEN;
    if (name_is_taken) return STATUS_USERNAME_TAKEN;
    user_store_add(request, &account, account.username);
    const struct user_linked_identity identity = user_oidc_link(request, account.id, profile);
    user_oidc_add(request, &identity);
    TRY(user_sign_in(request, &account, 0, ret_reply));
    TRY(user_announce_verified(request, account.id));
    const struct user_user_was_registered event = { .user_id = account.id };
    return request_publish(request, &user_user_was_registered_message, &event);
}
