/* Verifies tokens (runtime/paseto.h) and reads their claims. A bounded table remembers what was
 * verified and forgets the least recently used. */
#include "gateway/authenticate.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/lru.h"
#include "messages/values.h"
#include "runtime/metrics.h"
#include "runtime/paseto.h"
#include "runtime/secret.h"

enum {
    DIGEST_BYTES = 32,
    CLOCK_SKEW_US = ENDED_SKEW_US, /* a token may be dated that far ahead of our clock */
    LIFE_MAX_US = 900 * 1000000    /* of a token: ended sessions are remembered a little longer */
};

/* What a verified token says. */
struct bearer {
    struct principal principal; /* whom it speaks for */
    struct uuid parent; /* the session of the staff that acts in a shopper's name: the token ends
                           with it, too; else zero */
    int64_t issued_us;  /* real time */
};

/* A verified token. */
struct remembered {
    uint8_t digest[DIGEST_BYTES];
    struct bearer bearer;
};

struct authenticator {
    const struct token_keys *keys;
    const struct ended_sessions *ended;
    struct lru *lru;
    struct remembered list[AUTHENTICATE_REMEMBERED_MAX + 1]; /* by position */
};

struct authenticator *authenticator_new(const struct token_keys *keys,
                                        const struct ended_sessions *ended)
{
    assert(keys != NULL);
    assert(ended != NULL);
    struct authenticator *authenticator = calloc(1, sizeof *authenticator);
    if (authenticator == NULL) abort();
    authenticator->keys = keys;
    authenticator->ended = ended;
    authenticator->lru = lru_new(AUTHENTICATE_REMEMBERED_MAX);
    return authenticator;
}

void authenticator_destroy(struct authenticator **authenticator)
{
    if (*authenticator == NULL) return;
    lru_destroy(&(*authenticator)->lru);
    secret_wipe(*authenticator, sizeof **authenticator);
    free(*authenticator);
    *authenticator = NULL;
}

/* ---- verified tokens are remembered ---- */

/* A digest is random enough to be its own hash. */
static uint32_t hash_of(const uint8_t digest[DIGEST_BYTES])
{
    uint32_t hash;
    memcpy(&hash, digest, sizeof hash);
    return hash;
}

/* What is remembered of a token, which counts as use; NULL if nothing is. */
static const struct bearer *recall(struct authenticator *authenticator, const uint8_t *digest)
{
    uint32_t position = lru_first(authenticator->lru, hash_of(digest));
    while (position != LRU_NONE &&
           memcmp(authenticator->list[position].digest, digest, DIGEST_BYTES) != 0)
        position = lru_next(authenticator->lru, position);
    if (position == LRU_NONE) return NULL;
    lru_use(authenticator->lru, position);
    return &authenticator->list[position].bearer;
}

static void remember(struct authenticator *authenticator, const uint8_t *digest,
                     const struct bearer *bearer)
{
    struct remembered *entry = &authenticator->list[lru_add(authenticator->lru, hash_of(digest))];
    memcpy(entry->digest, digest, DIGEST_BYTES);
    entry->bearer = *bearer;
}

/* ---- claims ---- */

static struct text json_member(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_string(value)) return (struct text){ .data = NULL };
    return (struct text){ json_string_value(value), json_string_length(value) };
}

static void json_release(json_t **json)
{
    json_decref(*json);
}

static json_t *json_object_read(struct text text)
{
    json_t *json = json_loadb(text.data, text.length, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(json)) return json;
    json_decref(json);
    return NULL;
}

/* Rights are a bit set in lower-case hexadecimal; a token without the claim has all. */
static bool rights_read(struct text text, uint64_t *ret_rights)
{
    enum { DIGITS_MAX = 16, DECIMAL = 10 };
    *ret_rights = text.data == NULL ? UINT64_MAX : 0;
    if (text.data == NULL) return true;
    if (text.length == 0 || text.length > DIGITS_MAX) return false;
    for (size_t i = 0; i < text.length; i++) {
        const char c = text.data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
        *ret_rights = *ret_rights << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + DECIMAL);
    }
    return true;
}

/* Claims that not every token has: who acts ("act"), when a second factor was last given ("cnf"),
 * the session that this one ends with ("par"), rights ("rgt"). A vendor's token is always a
 * member's. */
static bool extras_read(const json_t *claims, const struct surface *surface, struct bearer *bearer)
{
    struct principal *principal = &bearer->principal;
    const struct text actor = json_member(claims, "act"), confirmed = json_member(claims, "cnf"),
                      parent = json_member(claims, "par");
    if (actor.data != NULL &&
        id_parse(actor, surface->actor_prefix, &principal->actor) != STATUS_OK)
        return false;
    if (actor.data == NULL && principal->kind == PRINCIPAL_VENDOR) return false;
    if (parent.data != NULL && id_parse(parent, "ses", &bearer->parent) != STATUS_OK) return false;
    if (confirmed.data != NULL && time_parse(confirmed, &principal->confirmed_us) != STATUS_OK)
        return false;
    return rights_read(json_member(claims, "rgt"), &principal->rights);
}

/* Reads the claims of a payload whose signature is good. */
static enum status claims_read(struct text payload, enum principal_kind kind, int64_t real_us,
                               struct bearer *ret_bearer)
{
    CLEANUP(json_release) json_t *claims = json_object_read(payload);
    if (claims == NULL) return STATUS_UNAUTHENTICATED;
    const struct surface *surface = surface_of(kind);
    assert(surface != NULL);
    struct bearer bearer = { .principal = { .kind = kind } };
    struct principal *principal = &bearer.principal;
    const bool is_ours =
        text_equals_string(json_member(claims, "iss"), "souk") &&
        text_equals_string(json_member(claims, "aud"), surface->audience) &&
        json_member(claims, "jti").length > 0 &&
        id_parse(json_member(claims, "sub"), surface->account_prefix, &principal->id) ==
            STATUS_OK &&
        id_parse(json_member(claims, "sid"), "ses", &principal->session) == STATUS_OK &&
        time_parse(json_member(claims, "iat"), &bearer.issued_us) == STATUS_OK &&
        time_parse(json_member(claims, "exp"), &principal->expires_at_us) == STATUS_OK &&
        extras_read(claims, surface, &bearer);
    if (!is_ours || bearer.issued_us > real_us + CLOCK_SKEW_US) return STATUS_UNAUTHENTICATED;
    if (principal->expires_at_us - bearer.issued_us > LIFE_MAX_US) return STATUS_UNAUTHENTICATED;
    *ret_bearer = bearer;
    return STATUS_OK;
}

static enum status token_verify(const struct authenticator *authenticator, struct text token,
                                enum principal_kind kind, int64_t real_us, struct arena *arena,
                                struct bearer *ret_bearer, bool *ret_is_key_unknown)
{
    struct text footer, payload;
    if (paseto_v4_footer(arena, token, &footer) != STATUS_OK) return STATUS_UNAUTHENTICATED;
    CLEANUP(json_release) json_t *json = json_object_read(footer);
    if (json == NULL) return STATUS_UNAUTHENTICATED;
    const struct text kid = json_member(json, "kid");
    if (kid.length == 0 || kid.length > TOKEN_KID_MAX) return STATUS_UNAUTHENTICATED;
    const struct token_key *key = token_keys_find(authenticator->keys, kid);
    *ret_is_key_unknown = key == NULL;
    if (key == NULL || key->audience != kind) return STATUS_UNAUTHENTICATED;
    metric_add(METRIC_TOKENS_VERIFIED, 1);
    const struct text implicit = TEXT(TOKEN_IMPLICIT_ASSERTION);
    if (paseto_v4_verify(arena, key->public_key, token, implicit, &payload, &footer) != STATUS_OK) {
        return STATUS_UNAUTHENTICATED;
    }
    return claims_read(payload, kind, real_us, ret_bearer);
}

/* Whether the session of a token is open, as far as one of a surface can be known. The session of
 * a parent is staff's. A token from before what had to be forgotten is answered like one that has
 * expired: its client exchanges it, if its session still can. */
static enum status check_surface(const struct ended_sessions *ended, enum principal_kind kind,
                                 struct uuid session, int64_t issued_us)
{
    if (!ended_sessions_are_known(ended, kind)) return STATUS_UNAVAILABLE;
    if (ended_sessions_have(ended, kind, session)) return STATUS_UNAUTHENTICATED;
    return issued_us <= ended_sessions_not_before_us(ended, kind) ? STATUS_TOKEN_EXPIRED
                                                                  : STATUS_OK;
}

static enum status check_open(const struct ended_sessions *ended, const struct bearer *bearer)
{
    const struct principal *principal = &bearer->principal;
    TRY(check_surface(ended, principal->kind, principal->session, bearer->issued_us));
    if (uuid_is_zero(bearer->parent)) return STATUS_OK;
    return check_surface(ended, PRINCIPAL_ADMIN, bearer->parent, bearer->issued_us);
}

struct text authenticate_bearer(struct text header)
{
    static const char scheme[] = "Bearer ";
    const size_t scheme_length = sizeof scheme - 1;
    if (header.length <= scheme_length || strncasecmp(header.data, scheme, scheme_length) != 0) {
        return (struct text){ .data = NULL };
    }
    return text_trim((struct text){ header.data + scheme_length, header.length - scheme_length });
}

enum status authenticate(struct authenticator *authenticator, struct text header,
                         enum principal_kind kind, int64_t real_us, struct arena *arena,
                         struct principal *ret_principal, bool *ret_is_key_unknown)
{
    assert(kind != PRINCIPAL_NONE);
    *ret_is_key_unknown = false;
    const struct text token = authenticate_bearer(header);
    if (token.length == 0 || token.length > PASETO_TOKEN_MAX) return STATUS_UNAUTHENTICATED;
    uint8_t digest[DIGEST_BYTES];
    secret_digest(token, digest, sizeof digest);
    struct bearer bearer;
    /* The table is searched by the digest and not by the token, so that the time of a comparison
     * says nothing about tokens, and no token stands in memory. */
    const struct bearer *known = recall(authenticator, digest);
    if (known != NULL) {
        bearer = *known;
    } else {
        TRY(token_verify(authenticator, token, kind, real_us, arena, &bearer, ret_is_key_unknown));
        if (bearer.principal.expires_at_us > real_us) remember(authenticator, digest, &bearer);
    }
    const struct principal *principal = &bearer.principal;
    if (principal->kind != kind) return STATUS_UNAUTHENTICATED;
    TRY(check_open(authenticator->ended, &bearer));
    if (principal->expires_at_us <= real_us) return STATUS_TOKEN_EXPIRED;
    *ret_principal = *principal;
    return STATUS_OK;
}

bool authenticate_find_parent(struct authenticator *authenticator, struct text header,
                              struct uuid *ret_parent)
{
    uint8_t digest[DIGEST_BYTES];
    secret_digest(authenticate_bearer(header), digest, sizeof digest);
    const struct bearer *known = recall(authenticator, digest);
    if (known != NULL) *ret_parent = known->parent;
    return known != NULL;
}
