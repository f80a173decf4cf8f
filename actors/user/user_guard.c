/* Throttled sign-ins: a refusal commits nothing, so failures are counted by messages of their own,
 * to an actor per address. */
#include "actors/user/user_guard.h"

#include "actors/user/user_tokens.h"
#include "runtime/secret.h"
#include "user_handlers.h"

enum { US_PER_SECOND = 1000000 };

static enum status refuse_locked(struct request *request, int64_t wait_us)
{
    const int64_t seconds = (wait_us + US_PER_SECOND - 1) / US_PER_SECOND;
    const struct request_fault fault = {
        .pointer = "",
        .code = STATUS_TOO_MANY_REQUESTS,
        .detail =
            text_format(request_arena(request), "Try again in %lld seconds.", (long long)seconds),
        .has_amounts = true,
        .available = seconds,
    };
    request_add_fault(request, &fault);
    return STATUS_TOO_MANY_REQUESTS;
}

enum status user_guard_open(struct request *request, struct text email,
                            struct user_guard *ret_guard)
{
    uint8_t digest[USER_DIGEST_BYTES];
    user_digest_secret(email, digest);
    const struct text address_digest = base64url_encode(
        request_arena(request), (struct text){ (const char *)digest, sizeof(digest) });
    struct user_failures failures;
    TRY(user_throttle_load(request, address_digest, &failures));
    const int64_t wait_us = user_failures_wait_us(&failures, request_now_us(request));
    if (wait_us > 0) return refuse_locked(request, wait_us);
    *ret_guard = (struct user_guard){ .address_digest = address_digest,
                                      .has_failures = failures.version > 0 };
    return STATUS_OK;
}

enum status user_guard_count(struct request *request, const struct user_guard *guard)
{
    const struct user_count_failure command = { .address_digest = guard->address_digest };
    return request_ask(request, &user_count_failure_message, &command, NULL);
}

void user_guard_forget(struct request *request, const struct user_guard *guard)
{
    if (!guard->has_failures) return;
    const struct user_forget_failures command = { .address_digest = guard->address_digest };
    const enum status status = request_ask(request, &user_forget_failures_message, &command, NULL);
    if (status != STATUS_OK) log_warning("sign_in_failures_not_forgotten", LOG_STATUS(status));
}

enum status user_handle_count_failure(struct request *request,
                                      const struct user_count_failure *command)
{
    struct user_failures failures;
    TRY(user_throttle_load(request, command->address_digest, &failures));
    user_failures_add(&failures, request_now_us(request));
    user_throttle_save(request, command->address_digest, &failures);
    return STATUS_OK;
}

enum status user_handle_forget_failures(struct request *request,
                                        const struct user_forget_failures *command)
{
    user_throttle_remove(request, command->address_digest);
    return STATUS_OK;
}

enum status user_handle_trim_failures(struct request *request,
                                      const struct user_trim_failures *command)
{
    (void)command;
    user_throttle_trim(request);
    return STATUS_OK;
}

enum status user_guard_sweep(struct request *request, unsigned shard_first, unsigned shard_last)
{
    const struct user_trim_failures command = { .surface = TEXT("sign_in") };
    const unsigned shard = shard_of_text(command.surface);
    if (shard < shard_first || shard > shard_last) return STATUS_OK;
    return request_ask(request, &user_trim_failures_message, &command, NULL);
}
