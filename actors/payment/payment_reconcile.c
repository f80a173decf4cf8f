/* A report is judged. */
#include "actors/payment/payment_reconcile.h"

#include <string.h>

#include "actors/payment/payment_join.h"

#define DAY_US (INT64_C(86400) * 1000000)

/* ---- whose it is ---- */

static bool contradicts(struct text ours, struct text theirs)
{
    return ours.length > 0 && theirs.length > 0 && !text_equals(ours, theirs);
}

bool reconcile_is_about(const struct provider_movement *movement,
                        const struct reconcile_known *known)
{
    assert(movement != NULL);
    assert(known != NULL);
    const bool is_charge = movement->kind == PAYMENT_MOVEMENT_KIND_CHARGE;
    return known->is_found && !contradicts(known->reference, movement->says.reference) &&
           !contradicts(known->charge, is_charge ? movement->source : movement->says.charge);
}

/* ---- what we were told of it ---- */

/* The facts that tell of a movement of that kind; what was only begun, or has ended otherwise
 * since, tells of it, too. */
static bool tells_of(enum payment_movement_kind kind, enum payment_fact fact)
{
    switch (kind) {
    case PAYMENT_MOVEMENT_KIND_CHARGE:
        return fact == PAYMENT_FACT_CAPTURED;
    case PAYMENT_MOVEMENT_KIND_REFUND:
        return fact >= PAYMENT_FACT_REFUND_PENDING && fact <= PAYMENT_FACT_REFUND_FAILED;
    case PAYMENT_MOVEMENT_KIND_REFUND_RETURNED:
        return fact == PAYMENT_FACT_REFUND_FAILED;
    case PAYMENT_MOVEMENT_KIND_DISPUTE:
        return fact >= PAYMENT_FACT_DISPUTE_OPEN && fact <= PAYMENT_FACT_DISPUTE_LOST;
    case PAYMENT_MOVEMENT_KIND_DISPUTE_RETURNED:
        return fact == PAYMENT_FACT_DISPUTE_WON;
    default:
        return false;
    }
}

static const struct payment_provider_fact *find_fact(const struct provider_movement *movement,
                                                     const struct reconcile_known *known)
{
    const bool is_charge = movement->kind == PAYMENT_MOVEMENT_KIND_CHARGE;
    const struct text ref = is_charge ? (struct text){ 0 } : movement->source;
    const struct payment_provider_fact *mismatch = NULL;
    for (size_t i = 0; i < known->facts_count; i++) {
        const struct payment_provider_fact *fact = &known->facts[i];
        if (!text_equals(fact->ref, ref)) continue;
        if (tells_of(movement->kind, fact->fact)) return fact;
        if (fact->fact == PAYMENT_FACT_MISMATCH) mismatch = fact;
    }
    return mismatch;
}

/* ---- what it is called ---- */

static struct reconcile_verdict differs(enum payment_difference_kind kind)
{
    return (struct reconcile_verdict){ .is_difference = true, .kind = kind };
}

static struct reconcile_verdict differs_from(enum payment_difference_kind kind, int64_t known)
{
    return (struct reconcile_verdict){
        .is_difference = true, .kind = kind, .has_known = true, .known = known
    };
}

/* The ledger books what follows from all facts, so that is what it is held against. */
static struct reconcile_verdict judge_booked(const struct provider_movement *movement,
                                             const struct reconcile_known *known)
{
    const struct payment_sum sum =
        payment_sum_of(known->facts, known->facts_count, known->reference);
    const struct {
        int64_t told, booked;
        bool is_of_movement;
    } sums[] = {
        { sum.captured, known->booked_captured, movement->kind == PAYMENT_MOVEMENT_KIND_CHARGE },
        { sum.refunded, known->booked_refunded,
          movement->kind == PAYMENT_MOVEMENT_KIND_REFUND ||
              movement->kind == PAYMENT_MOVEMENT_KIND_REFUND_RETURNED },
        { sum.disputed + sum.lost, known->booked_disputed,
          movement->kind == PAYMENT_MOVEMENT_KIND_DISPUTE ||
              movement->kind == PAYMENT_MOVEMENT_KIND_DISPUTE_RETURNED },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(sums); i++)
        if (sums[i].is_of_movement && sums[i].told != sums[i].booked)
            return differs_from(PAYMENT_DIFFERENCE_KIND_NOT_BOOKED, sums[i].booked);
    return (struct reconcile_verdict){ .is_difference = false };
}

/* A second charge is nobody's until all of it has gone back; the ledger knows nothing of it. */
static struct reconcile_verdict judge_stray(const struct reconcile_known *known)
{
    const struct payment_sum sum =
        payment_sum_of(known->facts, known->facts_count, known->reference);
    if (payment_sum_is_over(&sum)) return (struct reconcile_verdict){ .is_difference = false };
    return differs(PAYMENT_DIFFERENCE_KIND_UNKNOWN_PAYMENT);
}

struct reconcile_verdict reconcile_judge(const struct provider_movement *movement,
                                         const struct reconcile_known *known)
{
    assert(movement != NULL);
    assert(known != NULL);
    if (movement->kind == PAYMENT_MOVEMENT_KIND_OTHER)
        return (struct reconcile_verdict){ .is_difference = false };
    if (!reconcile_is_about(movement, known))
        return differs(PAYMENT_DIFFERENCE_KIND_UNKNOWN_PAYMENT);
    const struct payment_provider_fact *fact = find_fact(movement, known);
    if (fact == NULL) return differs(PAYMENT_DIFFERENCE_KIND_NOT_TOLD);
    if (fact->fact == PAYMENT_FACT_MISMATCH || fact->amount != movement->amount ||
        strcmp(known->currency, movement->currency) != 0)
        return differs_from(PAYMENT_DIFFERENCE_KIND_AMOUNT_DIFFERS, fact->amount);
    return known->is_stray ? judge_stray(known) : judge_booked(movement, known);
}

/* ---- days ---- */

enum status reconcile_day_parse(struct text text, int64_t *ret_day)
{
    assert(ret_day != NULL);
    char whole[RECONCILE_DAY_TEXT + sizeof "T00:00:00Z"], again[RECONCILE_DAY_TEXT + 1];
    int64_t time_us;
    if (text.length != RECONCILE_DAY_TEXT) return STATUS_INVALID_VALUE;
    memcpy(whole, text.data, RECONCILE_DAY_TEXT);
    memcpy(whole + RECONCILE_DAY_TEXT, "T00:00:00Z", sizeof "T00:00:00Z");
    if (time_parse(text_of(whole), &time_us) != STATUS_OK || time_us < 0)
        return STATUS_INVALID_VALUE;
    reconcile_day_format(time_us / DAY_US, again);
    if (!text_equals_string(text, again)) return STATUS_INVALID_VALUE;
    *ret_day = time_us / DAY_US;
    return STATUS_OK;
}

void reconcile_day_format(int64_t day, char ret_text[RECONCILE_DAY_TEXT + 1])
{
    char whole[TIME_TEXT_MAX + 1];
    (void)time_format(day * DAY_US, whole);
    memcpy(ret_text, whole, RECONCILE_DAY_TEXT);
    ret_text[RECONCILE_DAY_TEXT] = '\0';
}
