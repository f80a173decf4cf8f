/* ID tokens and the documents of providers, judged. */
#include "actors/identity/identity_id_token.h"

#include "messages/json_document.h"
#include "messages/json_number.h"
#include "runtime/secret.h"
#include "runtime/text_form.h"

enum { NONCE_MAX = 128, US_PER_SECOND = 1000000 };

/* Seconds since 1970, far enough from overflow. */
#define SECONDS_MAX INT64_C(1000000000000)

/* ---- claims ---- */

static bool text_member_is(const json_t *object, const char *name, struct text wanted)
{
    const json_t *member = json_object_get(object, name);
    if (!json_is_string(member)) return false;
    return secret_equals(wanted,
                         (struct text){ json_string_value(member), json_string_length(member) });
}

/* Statuses: OK, NOT_FOUND, UNAUTHENTICATED. */
static enum status read_seconds(const json_t *claims, const char *name, int64_t *ret_seconds)
{
    const json_t *member = json_object_get(claims, name);
    if (member == NULL) return STATUS_NOT_FOUND;
    int64_t seconds;
    if (!json_read_whole(member, &seconds)) return STATUS_UNAUTHENTICATED;
    if (seconds < 0 || seconds > SECONDS_MAX) return STATUS_UNAUTHENTICATED;
    *ret_seconds = seconds;
    return STATUS_OK;
}

static bool times_are_good(const json_t *claims, int64_t real_us)
{
    const int64_t now_s = real_us / US_PER_SECOND;
    int64_t expires_s, issued_s, good_from_s;
    if (read_seconds(claims, "exp", &expires_s) != STATUS_OK ||
        read_seconds(claims, "iat", &issued_s) != STATUS_OK)
        return false;
    const enum status has_start = read_seconds(claims, "nbf", &good_from_s);
    if (has_start == STATUS_UNAUTHENTICATED) return false;
    if (has_start == STATUS_OK && good_from_s > now_s + IDENTITY_CLOCK_LEEWAY_S) return false;
    return expires_s > now_s - IDENTITY_CLOCK_LEEWAY_S &&
           issued_s <= now_s + IDENTITY_CLOCK_LEEWAY_S;
}

/* Core, 3.1.3.7, items 3 to 5. */
static bool audience_is_ours(const json_t *claims, struct text client_id)
{
    const json_t *audience = json_object_get(claims, "aud");
    const json_t *party = json_object_get(claims, "azp");
    if (party != NULL && !text_member_is(claims, "azp", client_id)) return false;
    if (json_is_string(audience)) return text_member_is(claims, "aud", client_id);
    if (!json_document_lists(claims, "aud", client_id)) return false;
    return json_array_size(audience) == 1 || party != NULL;
}

/* Some providers send the text "true" instead of the value. */
static bool is_true(const json_t *claims, const char *name)
{
    return json_is_true(json_object_get(claims, name)) ||
           text_member_is(claims, name, TEXT("true"));
}

static struct text optional_text(const json_t *claims, const char *name, struct arena *arena)
{
    struct text text;
    const enum status status = json_document_text(claims, name, IDENTITY_CLAIM_MAX, arena, &text);
    return status == STATUS_OK ? text : TEXT("");
}

static enum status judge_claims(struct arena *arena, const json_t *claims,
                                const struct identity_id_expectation *expected,
                                struct identity_id_claims *ret_claims)
{
    struct text subject;
    if (!text_member_is(claims, "iss", expected->issuer) ||
        !audience_is_ours(claims, expected->client_id) ||
        !times_are_good(claims, expected->real_us) ||
        !text_member_is(claims, "nonce", expected->nonce) ||
        json_document_text(claims, "sub", IDENTITY_SUBJECT_MAX, arena, &subject) != STATUS_OK ||
        subject.length == 0)
        return STATUS_UNAUTHENTICATED;
    *ret_claims = (struct identity_id_claims){
        .subject = subject,
        .email = optional_text(claims, "email", arena),
        .name = optional_text(claims, "name", arena),
        .username = optional_text(claims, "preferred_username", arena),
        .locale = optional_text(claims, "locale", arena),
        .is_email_verified = is_true(claims, "email_verified"),
    };
    return STATUS_OK;
}

/* In the order of Core, 3.1.3.7: the signature first, so that nothing of an unsigned token is
 * believed. */
enum status identity_id_token_verify(struct arena *arena, struct text token, struct text jwks,
                                     const struct identity_id_expectation *expected,
                                     struct identity_id_claims *ret_claims)
{
    assert(expected != NULL);
    assert(ret_claims != NULL);
    assert(expected->issuer.length > 0 && expected->client_id.length > 0);
    assert(expected->nonce.length > 0 && expected->nonce.length <= NONCE_MAX);
    struct text payload;
    const enum status verified = identity_jws_verify(arena, token, jwks, &payload);
    if (verified == STATUS_MALFORMED) return STATUS_UNAUTHENTICATED;
    TRY(verified);
    CLEANUP(json_document_release) json_t *claims = NULL;
    if (json_document_read(payload, &claims) != STATUS_OK) return STATUS_UNAUTHENTICATED;
    return judge_claims(arena, claims, expected, ret_claims);
}

/* ---- documents ---- */

/* A provider on the network must not make us ask our own machine; one on this machine may. */
static enum status read_endpoint(const json_t *document, const char *name, bool is_near,
                                 struct arena *arena, struct text *ret_url)
{
    if (json_document_text(document, name, IDENTITY_ENDPOINT_MAX, arena, ret_url) != STATUS_OK)
        return STATUS_CORRUPT;
    const bool is_good = is_near ? text_is_secure_url(*ret_url) : text_is_https_url(*ret_url);
    return is_good ? STATUS_OK : STATUS_CORRUPT;
}

/* Lists that are left out mean what the specifications say. */
static bool can_work_with_us(const json_t *document)
{
    static const char challenges[] = "code_challenge_methods_supported";
    static const char algorithms[] = "id_token_signing_alg_values_supported";
    if (json_object_get(document, challenges) != NULL &&
        !json_document_lists(document, challenges, TEXT("S256")))
        return false;
    return json_object_get(document, algorithms) == NULL ||
           json_document_lists(document, algorithms, TEXT("RS256")) ||
           json_document_lists(document, algorithms, TEXT("ES256"));
}

static enum status read_client_proof(const json_t *document, enum identity_client_proof *ret_proof)
{
    static const char methods[] = "token_endpoint_auth_methods_supported";
    if (json_object_get(document, methods) == NULL ||
        json_document_lists(document, methods, TEXT("client_secret_basic")))
        *ret_proof = IDENTITY_CLIENT_BASIC;
    else if (json_document_lists(document, methods, TEXT("client_secret_post")) ||
             json_document_lists(document, methods, TEXT("none")))
        *ret_proof = IDENTITY_CLIENT_POST;
    else
        return STATUS_CORRUPT;
    return STATUS_OK;
}

/* The document must name the issuer that it was asked of, else one provider could speak for
 * another. */
enum status identity_provider_read(struct arena *arena, struct text document, struct text issuer,
                                   struct identity_provider_metadata *ret_metadata)
{
    assert(ret_metadata != NULL);
    struct identity_provider_metadata metadata;
    CLEANUP(json_document_release) json_t *json = NULL;
    if (json_document_read(document, &json) != STATUS_OK ||
        !text_member_is(json, "issuer", issuer) || !can_work_with_us(json))
        return STATUS_CORRUPT;
    const bool is_near = !text_is_https_url(issuer);
    TRY(read_endpoint(json, "authorization_endpoint", is_near, arena,
                      &metadata.authorization_endpoint));
    TRY(read_endpoint(json, "token_endpoint", is_near, arena, &metadata.token_endpoint));
    TRY(read_endpoint(json, "jwks_uri", is_near, arena, &metadata.jwks_uri));
    TRY(read_client_proof(json, &metadata.client_proof));
    *ret_metadata = metadata;
    return STATUS_OK;
}

enum status identity_token_answer_read(struct arena *arena, struct text answer,
                                       struct text *ret_id_token)
{
    assert(ret_id_token != NULL);
    CLEANUP(json_document_release) json_t *json = NULL;
    if (json_document_read(answer, &json) != STATUS_OK ||
        json_document_text(json, "id_token", IDENTITY_JWS_MAX, arena, ret_id_token) != STATUS_OK)
        return STATUS_CORRUPT;
    return STATUS_OK;
}
