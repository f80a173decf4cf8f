/* The stage of payments. */
#include "tests/actors/payment/payment_stage.h"

#include <sodium.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct stage *stage;
struct bank *bank;
static char settings[8][256];
static char key_file[] = "/tmp/souk-test-key-XXXXXX";
const struct uuid nobody;
static char bodies[BODIES_MAX][BODY_MAX];

const char *about(size_t number, const char *form, const char *intent)
{
    /* The forms above name the intent once and its charge once. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(bodies[number], BODY_MAX, form, intent, intent);
#pragma GCC diagnostic pop
    return bodies[number];
}

struct payment_payment authorise(struct uuid payment_id, enum status expected)
{
    return authorise_by(payment_id, "pm_ok", expected);
}

struct payment_payment authorise_by(struct uuid payment_id, const char *method,
                                    enum status expected)
{
    const struct payment_authorise command = { .payment_id = payment_id,
                                               .purpose = PAYMENT_PURPOSE_ORDER,
                                               .subject_id = payment_id,
                                               .amount = { 1999, "EUR" },
                                               .method = text_of(method),
                                               .has_return_url = true,
                                               .return_url = TEXT("https://shop.example/back"),
                                               .description = TEXT("Order 7") };
    struct payment_payment reply = { .version = -1 };
    assert_int_equal(stage_ask(stage, nobody, &payment_authorise_message, &command, &reply),
                     expected);
    return reply;
}

struct payment_payment standing(struct uuid payment_id)
{
    const struct payment_get_standing query = { .payment_id = payment_id };
    struct payment_payment reply;
    assert_int_equal(stage_ask(stage, nobody, &payment_get_standing_message, &query, &reply),
                     STATUS_OK);
    return reply;
}

void wait_until(struct uuid payment_id, enum payment_status status)
{
    enum payment_status now = PAYMENT_STATUS_CREATED;
    for (int i = 0; i < TRIES_MAX; i++) {
        now = standing(payment_id).status;
        if (now == status) return;
        stage_sleep(stage, PAUSE_US);
    }
    fail_msg("the payment is %s", payment_status_names[now]);
}

void wait_for_requests(size_t count)
{
    for (int i = 0; i < TRIES_MAX && bank_requests(bank) < count; i++)
        stage_sleep(stage, PAUSE_US);
    assert_int_equal(bank_requests(bank), count);
}

enum status take(struct uuid payment_id, int64_t amount)
{
    const struct payment_take command = { .payment_id = payment_id, .amount = { amount, "EUR" } };
    struct payment_payment reply;
    return stage_ask(stage, nobody, &payment_take_message, &command, &reply);
}

bool release(struct uuid payment_id)
{
    const struct payment_release command = { .payment_id = payment_id };
    struct payment_released reply;
    assert_int_equal(stage_ask(stage, nobody, &payment_release_message, &command, &reply),
                     STATUS_OK);
    return reply.is_settled;
}

struct text signed_by(struct text body, const char *secret)
{
    static char header[160];
    char hex[2 * crypto_auth_hmacsha256_BYTES + 1], time_text[24];
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    (void)snprintf(time_text, sizeof time_text, "%lld.", (long long)time(NULL));
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)time_text, strlen(time_text));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)body.data, body.length);
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_bin2hex(hex, sizeof hex, mac, sizeof mac);
    time_text[strlen(time_text) - 1] = '\0';
    (void)snprintf(header, sizeof header, "t=%s,v1=%s", time_text, hex);
    return text_of(header);
}

enum status tell_event(const char *id, const char *object, const char *secret)
{
    return tell_event_of(false, id, object, secret);
}

enum status tell_event_of(bool is_live, const char *id, const char *object, const char *secret)
{
    static char body[2 * BODY_MAX];
    (void)snprintf(
        body, sizeof body,
        "{\"id\":\"%s\",\"object\":\"event\",\"type\":\"payment_intent.x\",\"created\":%lld,"
        "\"livemode\":%s,\"data\":{\"object\":%s}}",
        id, (long long)time(NULL), is_live ? "true" : "false", object);
    const struct payment_receive_event command = { .event = text_of(body),
                                                   .signature = signed_by(text_of(body), secret) };
    return stage_ask(stage, nobody, &payment_receive_event_message, &command, NULL);
}

const char *count_of(const char *what)
{
    static char sql[256];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM payment.%s", what);
    return stage_sql(stage, "payment", sql);
}

void payment_stage_open_at(int port)
{
    static const char *const domains[] = { "payment", "wallet" };
    const int file = mkstemp(key_file);
    if (file < 0 || write(file, SECRET "\n", sizeof SECRET) < 0 || close(file) != 0) abort();
    (void)snprintf(settings[0], 256, "--payment.provider=stripe");
    (void)snprintf(settings[1], 256, "--payment.stripe_url=http://127.0.0.1:%d", port);
    (void)snprintf(settings[2], 256, "--payment.stripe_key_file=%s", key_file);
    (void)snprintf(settings[3], 256, "--payment.stripe_webhook_secret_file=%s", key_file);
    (void)snprintf(settings[4], 256, "--test-mode=true");
    (void)snprintf(settings[5], 256, "--payment.query_pause=5");
    (void)snprintf(settings[6], 256, "--payment.call_timeout=1");
    (void)snprintf(settings[7], 256, "--payment.reconcile_after=1");
    const char *words[ARRAY_LENGTH(settings)];
    for (size_t i = 0; i < ARRAY_LENGTH(settings); i++)
        words[i] = settings[i];
    stage = stage_new_with(domains, ARRAY_LENGTH(domains), words, ARRAY_LENGTH(words));
}

void payment_stage_keep_secret(bool is_kept)
{
    payment_stage_set_secret(is_kept ? SECRET : "");
}

void payment_stage_set_secret(const char *secret)
{
    FILE *file = fopen(key_file, "w");
    assert_non_null(file);
    if (secret[0] != '\0') (void)fprintf(file, "%s\n", secret);
    assert_int_equal(fclose(file), 0);
}

int payment_stage_open(void **state)
{
    (void)state;
    bank = bank_open();
    payment_stage_open_at(bank_port(bank));
    return 0;
}

int payment_stage_close(void **state)
{
    (void)state;
    stage_destroy(&stage);
    if (bank != NULL) bank_close(&bank);
    (void)unlink(key_file);
    return 0;
}
