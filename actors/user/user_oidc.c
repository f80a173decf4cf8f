/* Sign-in through providers, as clients see it. A refusal never tells whether an address has an
 * account. */
#include "actors/user/user_oidc.h"

#include "actors/user/user_cart.h"
#include "actors/user/user_oidc_provider.h"
#include "user_handlers.h"

enum { TRIES_MAX = 3 };

enum status user_handle_list_providers(struct request *request,
                                       const struct user_list_providers *query,
                                       struct user_providers *ret_reply)
{
    (void)query;
    struct user_provider *providers =
        arena_allocate_array(request_arena(request), CONFIG_OIDC_PROVIDERS_MAX, sizeof *providers);
    size_t count = 0;
    for (size_t slot = 0; slot < CONFIG_OIDC_PROVIDERS_MAX; slot++) {
        struct config_oidc_provider settings;
        if (!config_oidc_at(request_config(request), slot, &settings)) continue;
        providers[count++] =
            (struct user_provider){ .name = settings.name, .title = settings.title };
    }
    *ret_reply = (struct user_providers){ .data = providers, .data_count = count };
    return STATUS_OK;
}

enum status user_handle_begin_oidc(struct request *request, const struct user_begin_oidc *command,
                                   struct user_sent_to_provider *ret_reply)
{
    const struct uuid nobody = { { 0 } };
    return user_oidc_begin(request, command->provider, command->redirect_uri, nobody, ret_reply);
}

/* Finds the account that the profile signs into: by its identity, else by an address that provider
 * and holder have both shown to be theirs. One of them is not enough: somebody may have opened an
 * account with another person's address and now wait until that person verifies it. Statuses: OK,
 * NOT_FOUND (a new account), IDENTITY_UNLINKED. */
static enum status find_account(struct request *request, const struct user_profile *profile,
                                struct uuid *ret_user_id)
{
    struct user_linked_identity identity;
    struct user_account account;
    const enum status found = user_oidc_find(request, profile->issuer, profile->subject, &identity);
    if (found == STATUS_OK) *ret_user_id = identity.user_id;
    if (found != STATUS_NOT_FOUND) return found;
    if (!profile->has_email || !profile->is_email_verified) return STATUS_IDENTITY_UNLINKED;
    TRY(user_store_find_by_email(request, profile->email, &account));
    if (!account.is_holder_proved) return STATUS_IDENTITY_UNLINKED;
    *ret_user_id = account.id;
    return STATUS_OK;
}

static enum status sign_in_once(struct request *request, const struct user_complete_oidc *command,
                                const struct user_profile *profile,
                                struct user_signed_in *ret_reply)
{
    struct user_sign_in_by_profile sign_in = { .profile = *profile,
                                               .has_otp = command->has_otp,
                                               .otp = command->otp };
    const enum status found = find_account(request, profile, &sign_in.user_id);
    if (found == STATUS_OK)
        return request_ask(request, &user_sign_in_by_profile_message, &sign_in, ret_reply);
    if (found != STATUS_NOT_FOUND) return found;
    const struct user_register_by_profile enter = { .email = profile->email, .profile = *profile };
    return request_ask(request, &user_register_by_profile_message, &enter, ret_reply);
}

/* Tried again, since another request may register the address, the name or the identity at the same
 * moment. */
static enum status sign_in(struct request *request, const struct user_complete_oidc *command,
                           const struct user_profile *profile, struct user_signed_in *ret_reply)
{
    enum status status = STATUS_CONFLICT;
    for (unsigned i = 0; i < TRIES_MAX; i++) {
        status = sign_in_once(request, command, profile, ret_reply);
        if (status != STATUS_EMAIL_TAKEN && status != STATUS_USERNAME_TAKEN &&
            status != STATUS_IDENTITY_TAKEN)
            return status;
    }
    return STATUS_UNAVAILABLE;
}

enum status user_handle_complete_oidc(struct request *request,
                                      const struct user_complete_oidc *command,
                                      struct user_signed_in *ret_reply)
{
    const struct user_oidc_return arrival = { .provider = command->provider,
                                              .code = command->code,
                                              .state = command->state,
                                              .redirect_uri = command->redirect_uri,
                                              .issuer =
                                                  command->has_iss ? command->iss : TEXT("") };
    struct user_profile profile;
    struct uuid state_id;
    TRY(user_oidc_prove(request, &arrival, &state_id, &profile));
    const enum status status = sign_in(request, command, &profile, ret_reply);
    if (status == STATUS_OTP_REQUIRED || status == STATUS_WRONG_OTP ||
        status == STATUS_TOO_MANY_REQUESTS || user_oidc_is_outage(status))
        user_oidc_give_back(request, state_id, &profile);
    if (status == STATUS_OTP_REQUIRED || status == STATUS_WRONG_OTP)
        request_add_fault(request, &(struct request_fault){ .pointer = "/otp", .code = status });
    if (status == STATUS_OK && command->has_guest_cart)
        user_adopt_guest_cart(request, &command->guest_cart, ret_reply);
    return status;
}
