/* Stripe's report of what moved: balance transactions, each with the object that it is about.
 * https://docs.stripe.com/api/balance_transactions,
 * https://docs.stripe.com/reports/balance-transaction-types */
#include <string.h>

#include "actors/payment/stripe_amount.h"
#include "actors/payment/stripe_message.h"
#include "actors/payment/stripe_object.h"
#include "runtime/form.h"

enum { US_PER_SECOND = 1000000, WORD_MAX = 64, VALUES_MAX = 64 * 1024 };
#define AMOUNT_MAX INT64_C(1000000000000000)

/* ---- asked for ---- */

enum status stripe_write_report(const struct provider_period *period, struct text after,
                                struct arena *arena, struct provider_request *ret_request)
{
    struct text_builder path;
    assert(period != NULL);
    assert(ret_request != NULL);
    text_builder_init(&path, arena, PROVIDER_PATH_MAX);
    text_builder_add(&path, TEXT("/v1/balance_transactions?"));
    form_add_int(&path, "created%5Bgte%5D", period->from_s);
    form_add_int(&path, "created%5Blt%5D", period->before_s);
    form_add_int(&path, "limit", PROVIDER_MOVEMENTS_MAX);
    form_add(&path, "expand%5B0%5D", TEXT("data.source"));
    if (after.length > 0) form_add(&path, "starting_after", after);
    if (path.is_full) return STATUS_OUT_OF_RANGE;
    *ret_request =
        (struct provider_request){ .method = TRANSFER_GET, .path = text_builder_view(&path) };
    return STATUS_OK;
}

/* ---- read ---- */

static enum status read_currency(const json_t *object, struct arena *arena, char ret_currency[4])
{
    struct text lower;
    if (json_document_text(object, "currency", 3, arena, &lower) != STATUS_OK || lower.length != 3)
        return STATUS_MALFORMED;
    for (size_t i = 0; i < 3; i++) {
        if (lower.data[i] < 'a' || lower.data[i] > 'z') return STATUS_MALFORMED;
        ret_currency[i] = (char)(lower.data[i] & ~0x20);
    }
    ret_currency[3] = '\0';
    return STATUS_OK;
}

static enum status read_number(const json_t *object, const char *name, int64_t *ret_value)
{
    const json_t *member = json_object_get(object, name);
    if (!json_is_integer(member)) return STATUS_MALFORMED;
    const int64_t value = json_integer_value(member);
    if (value < -AMOUNT_MAX || value > AMOUNT_MAX) return STATUS_MALFORMED;
    *ret_value = value;
    return STATUS_OK;
}

/* Types are only ever added by Stripe; what is not known here is kept by its sum. A bank's dispute
 * is an adjustment, whose category says which way it goes. */
static enum payment_movement_kind kind_of(struct text type, struct text category)
{
    static const struct {
        const char *type;
        enum payment_movement_kind kind;
    } types[] = {
        { "charge", PAYMENT_MOVEMENT_KIND_CHARGE },
        { "payment", PAYMENT_MOVEMENT_KIND_CHARGE },
        { "refund", PAYMENT_MOVEMENT_KIND_REFUND },
        { "payment_refund", PAYMENT_MOVEMENT_KIND_REFUND },
        { "refund_failure", PAYMENT_MOVEMENT_KIND_REFUND_RETURNED },
        { "payment_failure_refund", PAYMENT_MOVEMENT_KIND_REFUND_RETURNED },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(types); i++)
        if (text_equals_string(type, types[i].type)) return types[i].kind;
    if (!text_equals_string(type, "adjustment")) return PAYMENT_MOVEMENT_KIND_OTHER;
    if (text_equals_string(category, "dispute")) return PAYMENT_MOVEMENT_KIND_DISPUTE;
    if (text_equals_string(category, "dispute_reversal"))
        return PAYMENT_MOVEMENT_KIND_DISPUTE_RETURNED;
    return PAYMENT_MOVEMENT_KIND_OTHER;
}

/* What the object is of: where the account is kept in another currency than the card was asked for,
 * the movement's own amount says nothing of it. */
static void read_amount(const json_t *source, struct arena *arena,
                        struct provider_movement *movement)
{
    const int64_t settled = movement->settled < 0 ? -movement->settled : movement->settled;
    const bool is_charge = movement->kind == PAYMENT_MOVEMENT_KIND_CHARGE;
    char currency[4];
    int64_t amount;
    movement->amount = settled;
    memcpy(movement->currency, movement->settled_currency, sizeof movement->currency);
    if (!json_is_object(source) || read_currency(source, arena, currency) != STATUS_OK ||
        strcmp(currency, movement->settled_currency) == 0)
        return;
    if (read_number(source, is_charge ? "amount_captured" : "amount", &amount) != STATUS_OK) return;
    movement->amount = amount < 0 ? -amount : amount;
    memcpy(movement->currency, currency, sizeof currency);
}

static void read_source(const json_t *source, struct arena *arena,
                        struct provider_movement *movement)
{
    struct provider_answer says = { .verdict = PROVIDER_SAID };
    read_amount(source, arena, movement);
    movement->amount = stripe_amount_round(movement->amount, movement->currency);
    movement->says.verdict = PROVIDER_SAID;
    if (json_is_string(source) && json_string_length(source) <= PROVIDER_REF_MAX)
        movement->source = text_copy(arena, text_of(json_string_value(source)));
    if (!json_is_object(source)) return;
    IGNORE(json_document_text(source, "id", PROVIDER_REF_MAX, arena, &movement->source));
    if (movement->kind != PAYMENT_MOVEMENT_KIND_OTHER &&
        stripe_object_read(source, movement->at_us, movement->id, arena, &says) == STATUS_OK)
        movement->says = says;
}

static enum status read_movement(const json_t *object, struct arena *arena,
                                 struct provider_movement *movement)
{
    int64_t created_s;
    struct text category = { 0 };
    if (!json_is_object(object) ||
        json_document_text(object, "id", PROVIDER_REF_MAX, arena, &movement->id) != STATUS_OK ||
        movement->id.length == 0 ||
        json_document_text(object, "type", WORD_MAX, arena, &movement->type) != STATUS_OK)
        return STATUS_MALFORMED;
    IGNORE(json_document_text(object, "reporting_category", WORD_MAX, arena, &category));
    TRY(read_currency(object, arena, movement->settled_currency));
    TRY(read_number(object, "amount", &movement->settled));
    TRY(read_number(object, "fee", &movement->fee));
    TRY(read_number(object, "created", &created_s));
    if (created_s < 0 || created_s > TIME_MAX_US / US_PER_SECOND) return STATUS_MALFORMED;
    movement->at_us = created_s * US_PER_SECOND;
    movement->kind = kind_of(movement->type, category);
    read_source(json_object_get(object, "source"), arena, movement);
    movement->settled = stripe_amount_round(movement->settled, movement->settled_currency);
    movement->fee = stripe_amount_round(movement->fee, movement->settled_currency);
    return STATUS_OK;
}

static enum status read_page(const json_t *json, struct text after, struct arena *arena,
                             struct provider_report *report)
{
    const json_t *list = json_object_get(json, "data");
    const json_t *has_more = json_object_get(json, "has_more");
    if (!json_is_array(list) || !json_is_boolean(has_more)) return STATUS_MALFORMED;
    const size_t count = json_array_size(list);
    if (count > PROVIDER_MOVEMENTS_MAX || (count == 0 && json_is_true(has_more)))
        return STATUS_MALFORMED;
    report->movements = arena_allocate_array(arena, count, sizeof *report->movements);
    for (size_t i = 0; i < count; i++)
        TRY(read_movement(json_array_get(list, i), arena, &report->movements[i]));
    report->count = count;
    if (json_is_true(has_more)) report->after = report->movements[count - 1].id;
    /* The same page for ever would never end. */
    const bool goes_on = report->after.length == 0 || !text_equals(report->after, after);
    return goes_on ? STATUS_OK : STATUS_MALFORMED;
}

void stripe_read_report(int http_code, struct text body, struct text after, struct arena *arena,
                        struct provider_report *ret_report)
{
    assert(ret_report != NULL);
    *ret_report = (struct provider_report){ .verdict = PROVIDER_UNKNOWN };
    json_t *json CLEANUP(json_document_release) = NULL;
    if (http_code == 429) ret_report->verdict = PROVIDER_NOT_DONE;
    if (http_code == 401 || http_code == 403) ret_report->verdict = PROVIDER_SHUT;
    /* Nothing else of the question could be wrong. */
    if (http_code == 400 && after.length > 0) ret_report->verdict = PROVIDER_NOT_TAKEN;
    struct provider_report report = { .verdict = PROVIDER_SAID };
    if (http_code != 200 || json_document_read_long(body, VALUES_MAX, &json) != STATUS_OK) return;
    if (read_page(json, after, arena, &report) == STATUS_OK) *ret_report = report;
}
