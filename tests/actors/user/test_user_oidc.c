/* Claims about sign-ins through a provider, against a scratch database and a provider that this
 * file plays: how long things are believed, how many there may be, what is fetched and when. */
#include <string.h>

#include "actors/user/user_oidc.h"
#include "actors/user/user_oidc_store.h"
#include "runtime/secret.h"
#include "tests/actors/identity/oidc_tokens.h"
#include "tests/actors/user/user_people.h"

#define ISSUER "https://id.example"
#define BACK "https://shop.example/back"

static const int64_t second_us = 1000000;

/* ---- the provider ---- */

static struct {
    struct oidc_key key;
    const char *subject, *email, *issuer;
    struct text nonce;
    bool is_down;
    unsigned documents, keys, tokens; /* how often each was asked for */
    struct text seen_body, seen_user;
} provider;

static struct text answer_token(void)
{
    const long long now_s = direct_now_us(people_market) / second_us;
    const struct text payload = text_format(
        people_arena,
        "{\"iss\":\"" ISSUER "\",\"aud\":\"souk\",\"sub\":\"%s\",\"nonce\":\"%.*s\",\"iat\":%lld,"
        "\"exp\":%lld,\"email\":\"%s\",\"email_verified\":true}",
        provider.subject, (int)provider.nonce.length, provider.nonce.data, now_s, now_s + 300,
        provider.email);
    const struct text token = oidc_token_write(people_arena, &provider.key, payload);
    return text_format(people_arena, "{\"id_token\":\"%.*s\"}", (int)token.length, token.data);
}

enum status request_transfer_http(struct request *request, const struct transfer_http *http,
                                  struct transfer_answer *ret_answer)
{
    (void)request;
    *ret_answer = (struct transfer_answer){ .outcome = TRANSFER_ACCEPTED, .code = 200 };
    assert_true(http->timeout_us > 0);
    if (text_equals_string(http->url, ISSUER "/.well-known/openid-configuration")) {
        provider.documents++;
        ret_answer->body =
            text_format(people_arena,
                        "{\"issuer\":\"%s\",\"authorization_endpoint\":\"" ISSUER
                        "/a\",\"token_endpoint\":\"" ISSUER "/t\",\"jwks_uri\":\"" ISSUER "/k\"}",
                        provider.issuer);
    } else if (text_equals_string(http->url, ISSUER "/k")) {
        provider.keys++;
        ret_answer->body = oidc_keys_write(
            people_arena, oidc_key_write(people_arena, &provider.key, ""), TEXT(""));
    } else {
        assert_text_equal(http->url, TEXT(ISSUER "/t"));
        assert_int_equal(http->method, TRANSFER_POST);
        provider.tokens++;
        provider.seen_body = text_copy(people_arena, http->body);
        provider.seen_user = text_copy(people_arena, http->user);
        ret_answer->body = answer_token();
    }
    return provider.is_down ? STATUS_DEADLINE_EXCEEDED : STATUS_OK;
}

/* ---- what clients do ---- */

static enum status begin(struct user_sent_to_provider *ret_reply)
{
    const struct user_begin_oidc command = { .provider = TEXT("acme"), .redirect_uri = TEXT(BACK) };
    return direct_call(people_market, NULL, &user_begin_oidc_message, &command, ret_reply);
}

static struct text nonce_in(struct text url)
{
    static const char lead[] = "&nonce=";
    const char *start = memmem(url.data, url.length, lead, sizeof lead - 1);
    assert_non_null(start);
    return text_copy(people_arena, (struct text){ start + sizeof lead - 1, 43 });
}

static struct text must_begin(void)
{
    struct user_sent_to_provider reply;
    assert_int_equal(begin(&reply), STATUS_OK);
    provider.nonce = nonce_in(reply.authorization_url);
    return text_copy(people_arena, reply.state);
}

static enum status complete(struct text state, struct user_signed_in *ret_reply)
{
    const struct user_complete_oidc command = {
        .provider = TEXT("acme"), .code = TEXT("a code"), .state = state, .redirect_uri = TEXT(BACK)
    };
    return direct_call(people_market, NULL, &user_complete_oidc_message, &command, ret_reply);
}

static int64_t count(const char *table)
{
    int64_t number;
    const struct text sql = text_format(people_arena, "SELECT count(*) FROM \"user\".%s", table);
    assert_int_equal(text_parse_int(direct_sql(people_market, sql.data), &number), STATUS_OK);
    return number;
}

static int open_market(void **state)
{
    (void)state;
    people_open();
    provider.key = oidc_key_new(false, "k1");
    provider.issuer = ISSUER;
    static const char *const settings[] = { "--oidc_1.name=acme", "--oidc_1.title=Acme",
                                            "--oidc_1.issuer=" ISSUER, "--oidc_1.client_id=souk",
                                            "--oidc_1.redirect_uris=" BACK };
    for (size_t i = 0; i < ARRAY_LENGTH(settings); i++)
        direct_set(people_market, settings[i]);
    return 0;
}

static int close_market(void **state)
{
    (void)state;
    oidc_key_destroy(&provider.key);
    people_close();
    return 0;
}

static int open_case(void **state)
{
    (void)state;
    static unsigned drawn;
    drawn++;
    provider.is_down = false;
    provider.issuer = ISSUER;
    provider.subject = text_format(people_arena, "subject%u", drawn).data;
    provider.email = text_format(people_arena, "there%u@example.com", drawn).data;
    direct_advance(people_market,
                   7200 * second_us); /* whatever is kept of the provider is too old */
    provider.documents = provider.keys = provider.tokens = 0;
    return 0;
}

/* ---- claims ---- */

static void what_a_provider_says_of_itself_is_believed_for_an_hour(void **state)
{
    (void)state;
    (void)must_begin();
    (void)must_begin();
    assert_int_equal(provider.documents, 1);
    assert_int_equal(provider.keys, 1);
    direct_advance(people_market, 3599 * second_us);
    (void)must_begin();
    assert_int_equal(provider.documents, 1);
    direct_advance(people_market, second_us);
    (void)must_begin();
    assert_int_equal(provider.documents, 2);
}

static void provider_that_is_down_is_asked_once_in_a_while(void **state)
{
    (void)state;
    struct user_sent_to_provider reply;
    provider.is_down = true;
    assert_int_equal(begin(&reply), STATUS_UNAVAILABLE);
    assert_int_equal(begin(&reply), STATUS_UNAVAILABLE);
    assert_int_equal(provider.documents, 1);
    provider.is_down = false;
    assert_int_equal(begin(&reply), STATUS_UNAVAILABLE);
    direct_advance(people_market, 30 * second_us);
    assert_int_equal(begin(&reply), STATUS_OK);
    assert_int_equal(provider.documents, 2);
}

static void document_of_another_issuer_is_no_document(void **state)
{
    (void)state;
    struct user_sent_to_provider reply;
    provider.issuer = "https://evil.example";
    assert_int_equal(begin(&reply), STATUS_UNAVAILABLE);
    assert_int_equal(provider.documents, 1);
    assert_int_equal(provider.keys, 0);
}

static void unknown_key_is_looked_for_once(void **state)
{
    (void)state;
    struct user_signed_in reply;
    const struct text first = must_begin();
    const struct oidc_key old = provider.key;
    struct oidc_key stranger = oidc_key_new(false, "k9");
    provider.key = stranger;
    direct_advance(people_market, 30 * second_us);
    assert_int_equal(complete(first, &reply), STATUS_OK);
    assert_int_equal(provider.keys, 2);
    /* The next one is too early: the pause is not over. */
    const struct text second = must_begin();
    provider.key = old;
    assert_int_equal(complete(second, &reply), STATUS_PROVIDER_REFUSED);
    assert_int_equal(provider.keys, 2);
    oidc_key_destroy(&stranger);
}

static void public_client_shows_its_verifier_and_no_secret(void **state)
{
    (void)state;
    struct user_signed_in reply;
    assert_int_equal(complete(must_begin(), &reply), STATUS_OK);
    assert_int_equal(provider.seen_user.length, 0);
    assert_true(text_starts_with(
        provider.seen_body,
        TEXT("grant_type=authorization_code&code=a%20code&redirect_uri=https%3A%2F%2Fshop.example"
             "%2Fback&code_verifier=")));
    assert_non_null(memmem(provider.seen_body.data, provider.seen_body.length, "&client_id=souk",
                           sizeof("&client_id=souk") - 1));
    assert_null(memmem(provider.seen_body.data, provider.seen_body.length, "client_secret",
                       sizeof("client_secret") - 1));
}

static void account_of_a_provider_has_no_password_and_a_proved_address(void **state)
{
    (void)state;
    struct user_signed_in reply;
    const size_t registered = direct_events(people_market, user_user_was_registered_message.number);
    const size_t verified = direct_events(people_market, user_email_was_verified_message.number);
    assert_int_equal(complete(must_begin(), &reply), STATUS_OK);
    assert_true(reply.user.is_email_verified);
    assert_text_equal(reply.user.email, text_of(provider.email));
    assert_int_equal(direct_events(people_market, user_user_was_registered_message.number),
                     registered + 1);
    /* What guests have ordered with it is theirs now. */
    assert_int_equal(direct_events(people_market, user_email_was_verified_message.number),
                     verified + 1);
    const struct person ada = { .email = reply.user.email };
    assert_int_equal(people_login(&ada, "any password", TEXT(""), &reply),
                     STATUS_INVALID_CREDENTIALS);
}

static void state_ends_after_ten_minutes_and_is_swept(void **state)
{
    (void)state;
    struct user_signed_in reply;
    const struct text late = must_begin();
    direct_advance(people_market, 600 * second_us);
    assert_int_equal(complete(late, &reply), STATUS_STATE_UNKNOWN);
    assert_int_equal(provider.tokens, 0);
    (void)must_begin();
    assert_int_equal(direct_sweep(people_market, "user_identity_trim"), STATUS_OK);
    direct_advance(people_market, second_us);
    assert_int_equal(direct_sweep(people_market, "user_identity_trim"), STATUS_OK);
    assert_int_equal(count("sign_in_state"), 1);
}

static void outage_gives_the_state_back_ten_times(void **state)
{
    (void)state;
    struct user_signed_in reply;
    const struct text patient = must_begin(), stubborn = must_begin();
    provider.is_down = true;
    for (unsigned i = 0; i < USER_OIDC_ATTEMPTS_MAX; i++)
        assert_int_equal(complete(stubborn, &reply), STATUS_UNAVAILABLE);
    assert_int_equal(complete(stubborn, &reply), STATUS_STATE_UNKNOWN);
    provider.is_down = false;
    const struct text fresh = must_begin();
    assert_int_equal(complete(fresh, &reply), STATUS_OK);
    /* The nonce is that of another state. */
    assert_int_equal(complete(patient, &reply), STATUS_PROVIDER_REFUSED);
}

static void shard_that_moved_spends_no_state(void **state)
{
    (void)state;
    assert_true(user_oidc_is_outage(STATUS_MOVED));
    assert_true(user_oidc_is_outage(STATUS_FENCED));
    assert_false(user_oidc_is_outage(STATUS_PROVIDER_REFUSED));
}

static void states_have_an_end(void **state)
{
    (void)state;
    struct user_sent_to_provider reply;
    (void)must_begin();
    (void)direct_sql(people_market,
                     "INSERT INTO \"user\".sign_in_state (id, digest, provider, redirect_uri,"
                     " created_at, expires_at) SELECT gen_random_uuid(), sha256('a'), 'acme', '',"
                     " 1, 9000000000000000000 FROM generate_series(1, 100000)");
    assert_int_equal(begin(&reply), STATUS_OVERLOADED);
    (void)direct_sql(people_market, "DELETE FROM \"user\".sign_in_state WHERE redirect_uri = ''");
    assert_int_equal(begin(&reply), STATUS_OK);
}

static enum status link_identity(const struct person *person, struct user_identity *ret_identity)
{
    struct user_sent_to_provider sent;
    const struct user_begin_link start = { .provider = TEXT("acme"),
                                           .redirect_uri = TEXT(BACK),
                                           .has_current_password = true,
                                           .current_password = TEXT("correct horse") };
    TRY(direct_call(people_market, &person->principal, &user_begin_link_message, &start, &sent));
    provider.nonce = nonce_in(sent.authorization_url);
    const struct user_complete_link end = { .provider = TEXT("acme"),
                                            .code = TEXT("a code"),
                                            .state = text_copy(people_arena, sent.state),
                                            .redirect_uri = TEXT(BACK) };
    return direct_call(people_market, &person->principal, &user_complete_link_message, &end,
                       ret_identity);
}

static void account_has_twenty_identities_at_most(void **state)
{
    (void)state;
    struct user_identity identity;
    const struct person ada = people_draw();
    for (unsigned i = 0; i < USER_IDENTITIES_MAX; i++) {
        provider.subject = text_format(people_arena, "twenty%u", i).data;
        assert_int_equal(link_identity(&ada, &identity), STATUS_OK);
    }
    provider.subject = "one too many";
    assert_int_equal(link_identity(&ada, &identity), STATUS_IDENTITIES_FULL);
    provider.subject = "twenty7";
    assert_int_equal(link_identity(&ada, &identity), STATUS_OK);
    assert_int_equal(count("sign_in_state WHERE user_id IS NOT NULL"), 1);
}

static void two_that_are_unlinked_at_once_are_not_the_last_two(void **state)
{
    (void)state;
    struct user_signed_in reply;
    assert_int_equal(complete(must_begin(), &reply), STATUS_OK);
    struct person ada = { .email = text_copy(people_arena, reply.user.email),
                          .principal = { .kind = PRINCIPAL_SHOPPER, .id = reply.user.id } };
    assert_int_equal(
        id_parse((struct text){ reply.refresh_token.data, 30 }, "ses", &ada.principal.session),
        STATUS_OK);
    (void)direct_sql(people_market,
                     text_format(people_arena,
                                 "INSERT INTO \"user\".identity (id, user_id, issuer, subject,"
                                 " provider, created_at) SELECT gen_random_uuid(), user_id, issuer,"
                                 " 'second', provider, created_at FROM \"user\".identity"
                                 " WHERE subject = '%s'",
                                 provider.subject)
                         .data);
    const struct user_list_identities query = { 0 };
    struct user_identities listed;
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_list_identities_message, &query, &listed),
        STATUS_OK);
    assert_int_equal(listed.data_count, 2);
    const struct uuid ids[] = { listed.data[0].id, listed.data[1].id };
    direct_queue_units(people_market);
    for (size_t i = 0; i < 2; i++) {
        const struct user_unlink_identity unlink = { .identity_id = ids[i] };
        assert_int_equal(direct_call(people_market, &ada.principal, &user_unlink_identity_message,
                                     &unlink, NULL),
                         STATUS_OK);
    }
    assert_int_equal(direct_commit_units(people_market), 1);
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_list_identities_message, &query, &listed),
        STATUS_OK);
    assert_int_equal(listed.data_count, 1);
    const struct user_unlink_identity last = { .identity_id = listed.data[0].id };
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_unlink_identity_message, &last, NULL),
        STATUS_LAST_SIGN_IN);
}

#define CASE(name) cmocka_unit_test_setup(name, open_case)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_a_provider_says_of_itself_is_believed_for_an_hour),
        CASE(provider_that_is_down_is_asked_once_in_a_while),
        CASE(document_of_another_issuer_is_no_document),
        CASE(unknown_key_is_looked_for_once),
        CASE(public_client_shows_its_verifier_and_no_secret),
        CASE(account_of_a_provider_has_no_password_and_a_proved_address),
        CASE(state_ends_after_ten_minutes_and_is_swept),
        CASE(outage_gives_the_state_back_ten_times),
        CASE(shard_that_moved_spends_no_state),
        CASE(states_have_an_end),
        CASE(account_has_twenty_identities_at_most),
        CASE(two_that_are_unlinked_at_once_are_not_the_last_two),
    };
    return cmocka_run_group_tests(tests, open_market, close_market);
}
