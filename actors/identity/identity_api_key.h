/* Keys with which servers act for an account: "sk_store_key_<id>.<43 characters>" (sk_vendor_,
 * sk_admin_). Kept as digests. */
#pragma once

#include "actors/host/request.h"
#include "actors/identity/identity_secret.h"
#include "common_messages.h"
#include "identity_messages.h"

enum { IDENTITY_API_KEYS_MAX = 20, IDENTITY_API_KEYS_TRIMMED_MAX = 1000 };
/* How long a caller may remember the answer of a check. */
#define IDENTITY_API_KEY_CHECK_LIFE_US (INT64_C(60) * 1000000)

struct identity_api_key {
    struct uuid id, account_id;
    struct uuid person_id; /* who made it */
    struct text name;
    uint64_t rights; /* at most INT64_MAX */
    int64_t created_us;
    int64_t expires_us, last_used_us; /* real time; 0: never */
};

/* Queues a new key in the request's shard and answers its text, shown this once; id, created_us and
 * last_used_us of `key` are not read. WAITS. Statuses: OK, TOO_MANY_KEYS (IDENTITY_API_KEYS_MAX are
 * in use), OUT_OF_RANGE (expires_us is over), those of request_query(). */
MUST_CHECK enum status identity_api_key_make(struct request *request, enum common_audience audience,
                                             const struct identity_api_key *key,
                                             struct common_made_api_key *ret_made);
/* The keys of an account in use, the newest first. WAITS; statuses of request_query(). */
MUST_CHECK enum status identity_api_keys_list(struct request *request, struct uuid account_id,
                                              const struct identity_api_key **ret_keys,
                                              size_t *ret_count);
/* The same for the account's people to read; bit i of the rights is scope_names[i]. WAITS; statuses
 * of request_query(). */
MUST_CHECK enum status identity_api_keys_describe(struct request *request, struct uuid account_id,
                                                  const char *const *scope_names,
                                                  size_t scope_names_count,
                                                  struct common_api_keys *ret_keys);
/* Queues the end of a key. WAITS. Statuses: OK (ended before, too), NOT_FOUND (none of that
 * account), those of request_query(). */
MUST_CHECK enum status identity_api_key_revoke(struct request *request, struct uuid key_id,
                                               struct uuid account_id);
/* Queues the end of all keys of an account, or of those that a person has made. */
void identity_api_keys_revoke_of_account(struct request *request, struct uuid account_id);
void identity_api_keys_revoke_of_person(struct request *request, struct uuid account_id,
                                        struct uuid person_id);

/* Queues that gateways look again at what the keys of an account, or those that a person has made
 * (zero: anybody), may do. */
void identity_api_keys_recheck(struct request *request, struct uuid account_id,
                               struct uuid person_id);

/* Whom a key speaks for. is_touch_due: call identity_api_key_touch() in a command, at most once a
 * minute. Does not know whether the account is blocked. WAITS. Statuses: OK, UNAUTHENTICATED
 * (anything else), those of request_query(). */
MUST_CHECK enum status identity_api_key_check(struct request *request,
                                              const struct identity_use_api_key *key,
                                              struct common_api_key_use *ret_use,
                                              bool *ret_is_touch_due);
/* Whom a key speaks for that was checked before, by its id. WAITS; statuses as
 * identity_api_key_check(). */
MUST_CHECK enum status identity_api_key_find_use(struct request *request, struct uuid key_id,
                                                 struct common_api_key_use *ret_use);
/* Queues the time of use, unless a newer one is there. */
void identity_api_key_touch(struct request *request, struct uuid key_id);
/* Queues the deletion of keys that were revoked long ago. */
void identity_api_keys_trim(struct request *request);

/* Why a key's end is refused. */
#define IDENTITY_KEY_END_RULE "A key ends in the future."
/* The rights that the scopes of a new key name; refuses at /scopes, with the names that there are.
 * Statuses: OK, INVALID_VALUE (none, or an unknown one). */
MUST_CHECK enum status identity_api_key_read_scopes(struct request *request,
                                                    const struct text *scopes, size_t count,
                                                    const char *const *names, size_t names_count,
                                                    uint64_t *ret_rights);
/* Rights as names and back; bit i is names[i], at most 63 names. Statuses: OK, INVALID_VALUE
 * (unknown name). */
void identity_rights_to_names(struct arena *arena, uint64_t rights, const char *const *names,
                              size_t names_count, const struct text **ret_list, size_t *ret_count);
MUST_CHECK enum status identity_rights_from_names(const struct text *list, size_t count,
                                                  const char *const *names, size_t names_count,
                                                  uint64_t *ret_rights);
