/* Objects as facts. */
#include "actors/payment/stripe_object.h"

#include <string.h>

#include "actors/payment/stripe_amount.h"
#include "actors/payment/stripe_message.h"
#include "messages/json_number.h"

enum { US_PER_SECOND = 1000000, STATUS_TEXT_MAX = 64 };

/* One object while it is read. */
struct reading {
    const json_t *object;
    int64_t at_us;
    struct text source, id;
    char currency[4];
    struct arena *arena;
    struct provider_answer *answer;
};

static struct text text_at(const struct reading *reading, const json_t *object, const char *name,
                           size_t length_max)
{
    struct text text = { 0 };
    if (object == NULL) return text;
    if (json_document_text(object, name, length_max, reading->arena, &text) != STATUS_OK)
        return (struct text){ 0 };
    return text;
}

/* The id of something that stands there as its id, or whole. */
static struct text id_at(const struct reading *reading, const char *name)
{
    const json_t *member = json_object_get(reading->object, name);
    if (json_is_object(member)) return text_at(reading, member, "id", PROVIDER_REF_MAX);
    return text_at(reading, reading->object, name, PROVIDER_REF_MAX);
}

static enum status amount_at(const struct reading *reading, const json_t *object, const char *name,
                             int64_t *ret_amount)
{
    struct money money;
    const json_t *member = json_object_get(object, name);
    if (!json_is_integer(member)) return STATUS_MALFORMED;
    if (stripe_amount_read(json_integer_value(member), reading->currency, &money) != STATUS_OK)
        return STATUS_MALFORMED;
    *ret_amount = money.amount;
    return STATUS_OK;
}

static enum status read_currency(struct reading *reading)
{
    const struct text lower = text_at(reading, reading->object, "currency", 3);
    if (lower.length != 3) return STATUS_MALFORMED;
    for (size_t i = 0; i < 3; i++)
        reading->currency[i] = (char)(lower.data[i] & ~0x20);
    return currency_exponent(reading->currency) < 0 ? STATUS_MALFORMED : STATUS_OK;
}

/* Whose payment it is, as we said when we made it. */
static void read_payment_id(const struct reading *reading)
{
    const json_t *metadata = json_object_get(reading->object, "metadata");
    const struct text id = text_at(reading, metadata, STRIPE_METADATA_PAYMENT, ID_TEXT_MAX);
    struct uuid payment_id;
    if (id.length > 0 && id_parse(id, "pay", &payment_id) == STATUS_OK)
        reading->answer->payment_id = payment_id;
}

static enum status say(const struct reading *reading, enum payment_fact fact, struct text ref,
                       int64_t amount, struct text code)
{
    struct provider_answer *answer = reading->answer;
    if (answer->facts_count == PROVIDER_FACTS_MAX) return STATUS_MALFORMED;
    answer->facts[answer->facts_count++] = (struct payment_provider_fact){
        .fact = fact,
        .ref = ref,
        .amount = amount,
        .currency = text_copy(reading->arena, text_of(reading->currency)),
        .at_us = reading->at_us,
        .source = reading->source.length > 0 ? reading->source : reading->id,
        .code = code,
    };
    return STATUS_OK;
}

static enum status say_plain(const struct reading *reading, enum payment_fact fact)
{
    return say(reading, fact, (struct text){ 0 }, 0, (struct text){ 0 });
}

/* ---- a charge ---- */

static enum status read_charge(struct reading *reading)
{
    int64_t captured;
    TRY(read_currency(reading));
    reading->answer->charge = reading->id;
    const struct text intent = id_at(reading, "payment_intent");
    if (intent.length > 0) reading->answer->reference = intent;
    read_payment_id(reading);
    const struct text status = text_at(reading, reading->object, "status", STATUS_TEXT_MAX);
    if (text_equals_string(status, "failed"))
        return say(reading, PAYMENT_FACT_FAILED, (struct text){ 0 }, 0,
                   text_at(reading, reading->object, "failure_code", PROVIDER_CODE_MAX));
    if (!json_is_true(json_object_get(reading->object, "captured"))) return STATUS_OK;
    TRY(amount_at(reading, reading->object, "amount_captured", &captured));
    return say(reading, PAYMENT_FACT_CAPTURED, (struct text){ 0 }, captured, (struct text){ 0 });
}

/* ---- a payment intent ---- */

/* What of a card is refused is told by `decline_code`; whatever else goes wrong, by `code`. */
static struct text decline_of(const struct reading *reading, const json_t *error)
{
    const struct text decline = text_at(reading, error, "decline_code", PROVIDER_CODE_MAX);
    return decline.length > 0 ? decline : text_at(reading, error, "code", PROVIDER_CODE_MAX);
}

static enum status read_refused(const struct reading *reading)
{
    const json_t *error = json_object_get(reading->object, "last_payment_error");
    if (!json_is_object(error)) return STATUS_OK;
    return say(reading, PAYMENT_FACT_FAILED, (struct text){ 0 }, 0, decline_of(reading, error));
}

static enum status read_action(const struct reading *reading)
{
    const json_t *action = json_object_get(reading->object, "next_action");
    const json_t *redirect = json_object_get(action, "redirect_to_url");
    reading->answer->next_url = text_at(reading, redirect, "url", PROVIDER_URL_MAX);
    return say_plain(reading, PAYMENT_FACT_REQUIRES_ACTION);
}

static enum status read_authorised(const struct reading *reading)
{
    int64_t amount;
    TRY(amount_at(reading, reading->object, "amount_capturable", &amount));
    return say(reading, PAYMENT_FACT_AUTHORISED, (struct text){ 0 }, amount, (struct text){ 0 });
}

static enum status read_succeeded(const struct reading *reading)
{
    int64_t amount;
    TRY(amount_at(reading, reading->object, "amount_received", &amount));
    return say(reading, PAYMENT_FACT_CAPTURED, (struct text){ 0 }, amount, (struct text){ 0 });
}

/* Stripe itself cancels what was authorised and not captured in time: "automatic", or "expired". */
static enum status read_canceled(const struct reading *reading)
{
    const struct text reason =
        text_at(reading, reading->object, "cancellation_reason", STATUS_TEXT_MAX);
    const bool is_lapsed =
        text_equals_string(reason, "automatic") || text_equals_string(reason, "expired");
    return say_plain(reading, is_lapsed ? PAYMENT_FACT_AUTH_EXPIRED : PAYMENT_FACT_VOIDED);
}

static enum status read_intent_status(const struct reading *reading)
{
    static const struct {
        const char *status;
        enum status (*read)(const struct reading *reading);
    } statuses[] = {
        { "requires_payment_method", read_refused },
        { "requires_action", read_action },
        { "requires_capture", read_authorised },
        { "succeeded", read_succeeded },
        { "canceled", read_canceled },
    };
    const struct text status = text_at(reading, reading->object, "status", STATUS_TEXT_MAX);
    if (status.length == 0) return STATUS_MALFORMED;
    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++)
        if (text_equals_string(status, statuses[i].status)) return statuses[i].read(reading);
    if (text_equals_string(status, "processing"))
        return say_plain(reading, PAYMENT_FACT_PROCESSING);
    return text_equals_string(status, "requires_confirmation") ? STATUS_OK : STATUS_MALFORMED;
}

static enum status read_intent(struct reading *reading)
{
    TRY(read_currency(reading));
    reading->answer->reference = reading->id;
    read_payment_id(reading);
    TRY(read_intent_status(reading));
    const json_t *charge = json_object_get(reading->object, "latest_charge");
    if (!json_is_object(charge)) {
        const struct text id = id_at(reading, "latest_charge");
        if (id.length > 0) reading->answer->charge = id;
        return STATUS_OK;
    }
    struct reading inner = *reading;
    inner.object = charge;
    inner.id = text_at(reading, charge, "id", PROVIDER_REF_MAX);
    return inner.id.length == 0 ? STATUS_MALFORMED : read_charge(&inner);
}

/* ---- refunds and disputes ---- */

static enum status read_refund(struct reading *reading)
{
    int64_t amount;
    TRY(read_currency(reading));
    TRY(amount_at(reading, reading->object, "amount", &amount));
    reading->answer->reference = id_at(reading, "payment_intent");
    read_payment_id(reading);
    const struct text status = text_at(reading, reading->object, "status", STATUS_TEXT_MAX);
    enum payment_fact fact = PAYMENT_FACT_REFUND_PENDING;
    if (text_equals_string(status, "succeeded")) fact = PAYMENT_FACT_REFUND_SUCCEEDED;
    if (text_equals_string(status, "failed") || text_equals_string(status, "canceled"))
        fact = PAYMENT_FACT_REFUND_FAILED;
    return say(reading, fact, reading->id, amount,
               text_at(reading, reading->object, "failure_reason", PROVIDER_CODE_MAX));
}

/* Warnings are questions of the bank, for which no money is taken. */
static enum status read_dispute(struct reading *reading)
{
    int64_t amount;
    TRY(read_currency(reading));
    TRY(amount_at(reading, reading->object, "amount", &amount));
    reading->answer->reference = id_at(reading, "payment_intent");
    const struct text charge = id_at(reading, "charge");
    if (charge.length > 0) reading->answer->charge = charge;
    read_payment_id(reading);
    const struct text status = text_at(reading, reading->object, "status", STATUS_TEXT_MAX);
    if (text_starts_with(status, TEXT("warning_"))) return STATUS_OK;
    enum payment_fact fact = PAYMENT_FACT_DISPUTE_OPEN;
    if (text_equals_string(status, "won")) fact = PAYMENT_FACT_DISPUTE_WON;
    if (text_equals_string(status, "lost")) fact = PAYMENT_FACT_DISPUTE_LOST;
    return say(reading, fact, reading->id, amount,
               text_at(reading, reading->object, "reason", PROVIDER_CODE_MAX));
}

enum status stripe_object_read(const json_t *object, int64_t at_us, struct text source,
                               struct arena *arena, struct provider_answer *answer)
{
    static const struct {
        const char *object;
        enum status (*read)(struct reading *reading);
    } kinds[] = {
        { "payment_intent", read_intent },
        { "charge", read_charge },
        { "refund", read_refund },
        { "dispute", read_dispute },
    };
    assert(answer != NULL);
    struct reading reading = {
        .object = object, .at_us = at_us, .source = source, .arena = arena, .answer = answer
    };
    const struct text kind = text_at(&reading, object, "object", STATUS_TEXT_MAX);
    reading.id = text_at(&reading, object, "id", PROVIDER_REF_MAX);
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (!text_equals_string(kind, kinds[i].object)) continue;
        return reading.id.length == 0 ? STATUS_MALFORMED : kinds[i].read(&reading);
    }
    return STATUS_NOT_FOUND;
}
