/* What a sign-in hands out: an access token (PASETO v4.public) that the domain signs, and a refresh
 * token of which it keeps a digest. */
#pragma once

#include "actors/identity/identity_guard.h"
#include "actors/identity/identity_session_store.h"

/* The longest life of an access token: so long, at most, a closed session could still be used. */
#define IDENTITY_ACCESS_TOKEN_LIFE_MAX_US (INT64_C(900) * 1000000)
#define IDENTITY_RIGHTS_ALL UINT64_MAX

/* What gateways read of an access token (struct principal says what each means). */
struct identity_claims {
    enum principal_kind kind; /* SHOPPER, VENDOR or ADMIN */
    struct uuid subject, session;
    struct uuid actor;    /* zero: the subject itself */
    struct uuid parent;   /* session whose end ends the token, too; or zero */
    uint64_t rights;      /* IDENTITY_RIGHTS_ALL: no limits */
    int64_t confirmed_us; /* 0: no second factor */
    int64_t life_us;      /* 0: ttl.access_token; never above IDENTITY_ACCESS_TOKEN_LIFE_MAX_US */
};

/* Signs an access token. WAITS. Statuses: those of identity_keys_find(). */
MUST_CHECK enum status identity_sign_access_token(struct request *request,
                                                  const struct identity_claims *claims,
                                                  struct text *ret_token);
/* The audience of a kind: SHOPPER store, VENDOR vendor, ADMIN admin. */
enum common_audience identity_audience(enum principal_kind kind);

struct identity_tokens {
    struct text access_token, token_type, refresh_token;
    int64_t expires_in; /* seconds */
    struct uuid session_id;
};

struct identity_session_start {
    enum principal_kind kind;
    struct uuid account_id;
    struct uuid person_id;       /* the vendor's member; else the account */
    struct uuid impersonator_id; /* staff in a shopper's name, or zero */
    struct uuid parent_session;  /* of that staff: its end is the end of the tokens; or zero */
    uint64_t rights;             /* IDENTITY_RIGHTS_ALL for shoppers */
    int64_t confirmed_us;        /* real time of a second factor just given; 0: none */
    int64_t life_us;             /* of the session; 0: ttl.refresh_token */
};

/* Queues a new session in the request's shard, which is the account's, and signs its first tokens.
 * WAITS. Statuses: those of identity_keys_find(). */
MUST_CHECK enum status identity_open_session(struct request *request,
                                             const struct identity_session_start *start,
                                             struct identity_tokens *ret_tokens);

/* Reads a refresh token. Statuses: OK, INVALID_REFRESH_TOKEN. */
MUST_CHECK enum status identity_read_refresh_token(struct text token, struct uuid *ret_session_id,
                                                   uint8_t ret_secret[IDENTITY_SECRET_BYTES]);
/* The whole of a domain's command refresh: asks the session's actor to rotate it; a token that was
 * its session's before and is not any more means that somebody has a copy, so that the session is
 * revoked.
 * ret_reply is that of messages->rotate_session. WAITS. Statuses: OK, INVALID_REFRESH_TOKEN, those
 * of request_ask() and of the command. */
MUST_CHECK enum status identity_refresh(struct request *request, struct text refresh_token,
                                        void *ret_reply);
/* The session whose refresh token is to be exchanged. Does not look at the secret: only whose it
 * is. WAITS. Statuses: OK, INVALID_REFRESH_TOKEN (there is none), those of request_query(). */
MUST_CHECK enum status identity_find_session_to_rotate(struct request *request,
                                                       struct uuid session_id,
                                                       struct identity_session *ret_session);
/* Queues the exchange of the session's secret and signs new tokens with the rights that the person
 * has now. A retry in time has the same refresh token. A refusal commits nothing: revoke the
 * session by a message of its own. WAITS. Statuses: OK, INVALID_REFRESH_TOKEN, those of
 * identity_keys_find(). */
MUST_CHECK enum status identity_rotate_session(struct request *request, enum principal_kind kind,
                                               struct identity_session *session, struct text secret,
                                               uint64_t rights, struct identity_tokens *ret_tokens);
/* Whether a secret was that of the session's refresh token before, and has been exchanged since:
 * then somebody has a copy of it. A guess never was. Secrets follow from one another, so none of
 * them is kept; as many as of ten days of refreshes every quarter of an hour are told. */
bool identity_was_secret(struct request *request, const struct identity_session *session,
                         struct text secret);
/* Queues the time of a second factor that was just given and signs an access token that says so
 * (tokens without refresh_token). WAITS. Statuses: OK, UNAUTHENTICATED (the session has ended),
 * those of request_query() and identity_keys_find(). */
MUST_CHECK enum status identity_confirm_session(struct request *request, enum principal_kind kind,
                                                struct uuid session_id, uint64_t rights,
                                                struct identity_tokens *ret_tokens);
