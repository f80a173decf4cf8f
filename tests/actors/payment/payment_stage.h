/* What tests of payments share: a node with the payment domain, a provider on loopback that says
 * what a test lays out (fake_bank.h), and words for what is asked of both. */
#pragma once

#include "tests/support/cmocka.h"

#include <stdio.h>
#include <string.h>

#include "payment_messages.h"
#include "tests/actors/payment/fake_bank.h"
#include "tests/support/node_stage.h"

#define INTENT(status, more)                                                                       \
    "{\"id\":\"%s\",\"object\":\"payment_intent\",\"amount\":1999,\"currency\":\"eur\","           \
    "\"latest_charge\":\"ch_%s\",\"metadata\":{},\"status\":\"" status "\"" more "}"
#define AUTHORISED INTENT("requires_capture", ",\"amount_capturable\":1999")
#define CAPTURED INTENT("succeeded", ",\"amount_received\":1999")
#define CANCELED INTENT("canceled", "")
#define DECLINED                                                                                   \
    "{\"error\":{\"type\":\"card_error\",\"code\":\"card_declined\",\"decline_code\":"             \
    "\"lost_card\",\"payment_intent\":" INTENT(                                                    \
        "requires_payment_method",                                                                 \
        ",\"last_payment_error\":{\"decline_code\":\"lost_card\"}") "}}"
#define ACTION                                                                                     \
    INTENT("requires_action", ",\"next_action\":{\"redirect_to_url\":{\"url\":\"https://b/3\"}}")

enum { TRIES_MAX = 400, PAUSE_US = 20000, BODIES_MAX = 8, BODY_MAX = 1024 };

#define SECRET "sk_test_souk" /* of webhooks, and of the API */

extern struct stage *stage;
extern struct bank *bank;
extern const struct uuid nobody;

const char *about(size_t number, const char *form, const char *intent);
struct payment_payment authorise(struct uuid payment_id, enum status expected);
/* The same by another card than pm_ok. */
struct payment_payment authorise_by(struct uuid payment_id, const char *method,
                                    enum status expected);
struct payment_payment standing(struct uuid payment_id);
void wait_until(struct uuid payment_id, enum payment_status status);
void wait_for_requests(size_t count);
enum status take(struct uuid payment_id, int64_t amount);
bool release(struct uuid payment_id);
struct text signed_by(struct text body, const char *secret);
enum status tell_event(const char *id, const char *object, const char *secret);
/* The same of real money, or of played money as above. */
enum status tell_event_of(bool is_live, const char *id, const char *object, const char *secret);
const char *count_of(const char *what);
/* With the provider of that port; the fake bank is not opened. */
void payment_stage_open_at(int port);
/* Empties the file of both secrets, or fills it again. */
void payment_stage_keep_secret(bool is_kept);
/* Both secrets are this one from now on. */
void payment_stage_set_secret(const char *secret);
int payment_stage_open(void **state);
int payment_stage_close(void **state);
