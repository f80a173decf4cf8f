/* Throttled attempts: who is locked, and the count of failures. */
#include "actors/identity/identity_guard.h"

#include <string.h>

#include "actors/identity/identity_domain.h"
#include "actors/identity/identity_secret.h"
#include "identity_handlers.h"
#include "runtime/network.h"
#include "runtime/secret.h"

enum { US_PER_SECOND = 1000000, DIGEST_TEXT_LENGTH = 43 };

/* The first character of a digest; stored, so never changed. */
static const char kind_letters[] = "ABCDEFGHIJKLM";
static_assert(sizeof kind_letters == IDENTITY_GUARD_COUNT + 1, "each kind has its letter");

/* Where the fault is, and what there was too much of; of all others nothing more is said. */
struct excess {
    const char *pointer, *sentence;
};

static struct excess excess_of(enum identity_guard_kind kind)
{
    if (kind == IDENTITY_GUARD_INVITED)
        return (struct excess){ "/email", "This address was invited five times within a day. " };
    if (kind == IDENTITY_GUARD_SENDER)
        return (struct excess){ "", "25 messages a day go to people who are not here yet. " };
    if (kind == IDENTITY_GUARD_NEW_SENDER)
        return (struct excess){ "", "Five messages a day go to people who are not here yet. " };
    if (kind == IDENTITY_GUARD_REGISTRATION)
        return (struct excess){ "", "Too many accounts were opened from this network today. " };
    return (struct excess){ "", "" };
}

/* Rounded up: a client that waits as long as it is told must find the lock gone. */
static enum status refuse_locked(struct request *request, enum identity_guard_kind kind,
                                 int64_t wait_us)
{
    const int64_t seconds = (wait_us + US_PER_SECOND - 1) / US_PER_SECOND;
    const struct excess excess = excess_of(kind);
    const struct request_fault fault = {
        .pointer = excess.pointer,
        .code = STATUS_TOO_MANY_REQUESTS,
        .detail = text_format(request_arena(request), "%sTry again in %lld seconds.",
                              excess.sentence, (long long)seconds),
        .has_amounts = true,
        .available = seconds,
    };
    request_add_fault(request, &fault);
    return STATUS_TOO_MANY_REQUESTS;
}

/* The kind is part of the digest, so that one table holds the counts of all kinds. A digest, since
 * the subject may be the address of somebody who has no account. */
static struct text digest_of(struct request *request, enum identity_guard_kind kind,
                             struct text subject)
{
    uint8_t digest[IDENTITY_DIGEST_BYTES];
    identity_digest(subject, digest);
    const struct text encoded = base64url_encode(
        request_arena(request), (struct text){ (const char *)digest, sizeof digest });
    assert(encoded.length == DIGEST_TEXT_LENGTH);
    return text_format(request_arena(request), "%c%.*s", kind_letters[kind],
                       (int)encoded.length - 1, encoded.data + 1);
}

static enum status kind_of(struct text digest, enum identity_guard_kind *ret_kind)
{
    if (digest.length != DIGEST_TEXT_LENGTH || digest.data[0] == '\0') return STATUS_INVALID_VALUE;
    const char *letter = strchr(kind_letters, digest.data[0]);
    if (letter == NULL) return STATUS_INVALID_VALUE;
    *ret_kind = (enum identity_guard_kind)(letter - kind_letters);
    return STATUS_OK;
}

enum status identity_guard_open(struct request *request, enum identity_guard_kind kind,
                                struct text subject, struct identity_guard *ret_guard)
{
    assert(ret_guard != NULL);
    assert((unsigned)kind < IDENTITY_GUARD_COUNT);
    const struct text digest = digest_of(request, kind, subject);
    struct identity_failures failures;
    TRY(identity_throttle_load(request, digest, &failures));
    const int64_t wait_us = identity_failures_wait_us(&failures, request_now_us(request));
    if (wait_us > 0) return refuse_locked(request, kind, wait_us);
    *ret_guard = (struct identity_guard){
        .kind = kind,
        .subject = text_copy(request_arena(request), subject),
        .digest = digest,
        .has_failures = failures.version > 0,
    };
    return STATUS_OK;
}

enum status identity_guard_is_locked(struct request *request, enum identity_guard_kind kind,
                                     struct text subject, bool *ret_is_locked)
{
    assert(ret_is_locked != NULL);
    assert((unsigned)kind < IDENTITY_GUARD_COUNT);
    struct identity_failures failures;
    TRY(identity_throttle_load(request, digest_of(request, kind, subject), &failures));
    *ret_is_locked = identity_failures_wait_us(&failures, request_now_us(request)) > 0;
    return STATUS_OK;
}

enum status identity_guard_count(struct request *request, const struct identity_guard *guard)
{
    assert(guard != NULL);
    const struct identity_count_failure count = { .address_digest = guard->digest };
    return request_ask(request, identity_messages_here(request)->count_failure, &count, NULL);
}

/* Counts something of which there may only be so much, whether or not it is wrong. */
static enum status take(struct request *request, enum identity_guard_kind kind, struct text subject)
{
    struct identity_guard guard;
    TRY(identity_guard_open(request, kind, subject, &guard));
    return identity_guard_count(request, &guard);
}

static struct text subject_of(const struct uuid *who)
{
    return (struct text){ (const char *)who->bytes, sizeof who->bytes };
}

/* Counted before it is known whether anybody has the address, so that the limit tells nothing. */
enum status identity_guard_mail(struct request *request, struct text email)
{
    return take(request, IDENTITY_GUARD_RESET, email);
}

enum status identity_guard_own_mail(struct request *request, struct uuid who)
{
    return take(request, IDENTITY_GUARD_OWN_MAIL, subject_of(&who));
}

static enum identity_guard_kind sender_kind(bool is_known)
{
    return is_known ? IDENTITY_GUARD_SENDER : IDENTITY_GUARD_NEW_SENDER;
}

enum status identity_guard_stranger(struct request *request, struct uuid sender, bool is_known)
{
    return take(request, sender_kind(is_known), subject_of(&sender));
}

/* Both are looked at before either is counted: a refusal uses nothing up. */
enum status identity_guard_invitation(struct request *request, struct uuid sender, bool is_known,
                                      struct text email)
{
    struct identity_guard of_sender, of_address;
    TRY(identity_guard_open(request, IDENTITY_GUARD_INVITED, email, &of_address));
    TRY(identity_guard_open(request, sender_kind(is_known), subject_of(&sender), &of_sender));
    TRY(identity_guard_count(request, &of_sender));
    return identity_guard_count(request, &of_address);
}

/* From the host itself come programs of the site, or everybody behind a proxy that nobody has named
 * in gateway.proxies. */
enum status identity_guard_registration(struct request *request)
{
    struct network network;
    if (config_int(request_config(request), SETTING_REGISTRATION_PER_NETWORK) == 0 ||
        !network_of(request_client(request), NETWORK_OF_SITE, &network) || network.is_loopback)
        return STATUS_OK;
    return take(request, IDENTITY_GUARD_REGISTRATION,
                (struct text){ (const char *)network.bytes, sizeof network.bytes });
}

static void forget(struct request *request, struct text digest)
{
    const struct identity_forget_failures forget = { .address_digest = digest };
    const enum status status =
        request_ask(request, identity_messages_here(request)->forget_failures, &forget, NULL);
    if (status != STATUS_OK) log_warning("identity_failures_not_forgotten", LOG_STATUS(status));
}

void identity_guard_forget(struct request *request, const struct identity_guard *guard)
{
    assert(guard != NULL);
    if (guard->has_failures) forget(request, guard->digest);
}

void identity_guard_lift(struct request *request, enum identity_guard_kind kind,
                         struct text subject)
{
    assert((unsigned)kind < IDENTITY_GUARD_COUNT);
    forget(request, digest_of(request, kind, subject));
}

enum status identity_handle_count_failure(struct request *request,
                                          const struct identity_domain *domain,
                                          const struct identity_count_failure *command)
{
    (void)domain;
    const struct text digest = command->address_digest;
    enum identity_guard_kind kind;
    TRY(kind_of(digest, &kind));
    struct identity_limit limit = *identity_limit_of(kind);
    struct identity_failures failures;
    if (kind == IDENTITY_GUARD_REGISTRATION)
        limit.failures_max = config_int(request_config(request), SETTING_REGISTRATION_PER_NETWORK);
    TRY(identity_throttle_load(request, digest, &failures));
    identity_failures_add(&failures, &limit, request_now_us(request));
    identity_throttle_save(request, digest, &failures, identity_failures_end_us(&failures, &limit));
    return STATUS_OK;
}

enum status identity_handle_forget_failures(struct request *request,
                                            const struct identity_domain *domain,
                                            const struct identity_forget_failures *command)
{
    (void)domain;
    enum identity_guard_kind kind;
    TRY(kind_of(command->address_digest, &kind));
    identity_throttle_remove(request, command->address_digest);
    return STATUS_OK;
}
