/* The tokens that the gateway's tests sign with the fixture's key. */
#include <string.h>
#include <time.h>

#include "runtime/paseto.h"
#include "tests/gateway/fixture.h"

const char *token_header(struct fixture *fixture, const char *audience, const char *kid,
                         int64_t lifetime_s)
{
    struct token_parts parts = {
        .audience = audience, .kid = kid, .session = fixture->thing.id, .lifetime_s = lifetime_s
    };
    if (strcmp(audience, "vendor") == 0) parts.actor = fixture->thing.id;
    return token_header_of(fixture, &parts);
}

/* A vendor's token is a member's: with a role, and after a second factor. */
static struct text token_extras(struct fixture *fixture, const struct token_parts *parts,
                                const char *issued)
{
    char actor[ID_TEXT_MAX + 1];
    const bool is_vendor = strcmp(parts->audience, "vendor") == 0;
    if (parts->rights != NULL) return text_format(fixture->arena, ",\"rgt\":\"%s\"", parts->rights);
    if (uuid_is_zero(parts->actor)) return TEXT("");
    (void)id_format(is_vendor ? "mbr" : "adm", parts->actor, actor);
    if (!is_vendor) {
        char parent[ID_TEXT_MAX + 1];
        (void)id_format("ses", parts->parent, parent);
        return text_format(fixture->arena, ",\"act\":\"%s\",\"par\":\"%s\"", actor, parent);
    }
    return text_format(fixture->arena, ",\"act\":\"%s\",\"rgt\":\"1f\",\"cnf\":\"%s\"", actor,
                       issued);
}

const char *token_header_of(struct fixture *fixture, const struct token_parts *parts)
{
    char subject[ID_TEXT_MAX + 1], session[ID_TEXT_MAX + 1], issued[TIME_TEXT_MAX + 1],
        expires[TIME_TEXT_MAX + 1];
    const char *prefix = strcmp(parts->audience, "store") == 0    ? "usr"
                         : strcmp(parts->audience, "vendor") == 0 ? "ven"
                                                                  : "adm";
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)id_format(prefix, fixture->thing.id, subject);
    (void)id_format("ses", parts->session, session);
    (void)time_format((int64_t)now.tv_sec * 1000000, issued);
    (void)time_format(((int64_t)now.tv_sec + parts->lifetime_s) * 1000000, expires);
    const struct text extras = token_extras(fixture, parts, issued);
    const struct text payload = text_format(
        fixture->arena,
        "{\"iss\":\"souk\",\"aud\":\"%s\",\"sub\":\"%s\",\"sid\":\"%s\",\"iat\":\"%s\","
        "\"exp\":\"%s\",\"jti\":\"x\"%.*s}",
        parts->audience, subject, session, issued, expires, (int)extras.length, extras.data);
    const struct text footer = text_format(fixture->arena, "{\"kid\":\"%s\"}", parts->kid);
    struct text token;
    assert_int_equal(paseto_v4_sign(fixture->arena, fixture->secret_key, payload, footer,
                                    TEXT("souk:v1"), &token),
                     STATUS_OK);
    return text_string(fixture->arena, text_format(fixture->arena, "Authorization: Bearer %.*s\r\n",
                                                   (int)token.length, token.data));
}
