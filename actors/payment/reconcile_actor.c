/* Each day of the provider's clock is an actor: its report is read page by page, then what we were
 * told is looked for in it, then what does not fit is judged again for a while. */
#include "actors/payment/reconcile_actor.h"

#include "actors/host/ask_each.h"
#include "actors/payment/provider_transport.h"
#include "actors/payment/reconcile_store.h"
#include "payment_handlers.h"
#include "wallet_messages.h"

#define SECOND_US INT64_C(1000000)
#define DAY_US (INT64_C(86400) * SECOND_US)
/* How long before its end a day stops to be compared: what we hear in the last minutes of one, the
 * provider may have done in the first of the next. */
#define SLACK_US (INT64_C(3600) * SECOND_US)
#define JUDGED_FOR_US (30 * DAY_US)
#define JUDGE_PAUSE_MAX_US (INT64_C(3600) * SECOND_US)
enum { DAYS_PER_SWEEP = 62, STEPS_PER_SWEEP = 20 };

/* The provider's days are real time, whatever tests do to that of the market. */
static int64_t last_day_over(const struct request *request)
{
    const int64_t after_us =
        config_duration_us(request_config(request), SETTING_PAYMENT_RECONCILE_AFTER);
    return (request_real_us(request) - after_us) / DAY_US - 1;
}

static int64_t judged_before_us(const struct request *request)
{
    const int64_t after_us =
        config_duration_us(request_config(request), SETTING_PAYMENT_RECONCILE_AFTER);
    return request_now_us(request) -
           (after_us < JUDGE_PAUSE_MAX_US ? after_us : JUDGE_PAUSE_MAX_US);
}

/* ---- judged ---- */

/* Movements, and what is known of each. */
struct lines {
    const struct provider_movement *movements;
    struct reconcile_known *known;
    struct reconcile_verdict *verdicts;
    size_t count;
};

static bool has_id(const struct uuid *ids, size_t count, struct uuid id)
{
    for (size_t i = 0; i < count; i++)
        if (uuid_equals(ids[i], id)) return true;
    return false;
}

static enum status ask_booked(struct request *request, struct lines *lines)
{
    struct uuid *ids = arena_allocate_array(request_arena(request), lines->count, sizeof *ids);
    size_t count = 0;
    for (size_t i = 0; i < lines->count; i++)
        if (lines->known[i].is_found && !has_id(ids, count, lines->known[i].payment_id))
            ids[count++] = lines->known[i].payment_id;
    if (count == 0) return STATUS_OK;
    const struct wallet_get_booked query = { .payment_ids = ids, .payment_ids_count = count };
    struct wallet_payment_bookings reply;
    TRY(request_ask(request, &wallet_get_booked_message, &query, &reply));
    for (size_t i = 0; i < lines->count; i++) {
        struct reconcile_known *known = &lines->known[i];
        for (size_t at = 0; known->is_found && at < reply.data_count; at++) {
            const struct wallet_payment_booking *booking = &reply.data[at];
            if (!uuid_equals(booking->payment_id, known->payment_id)) continue;
            known->booked_captured = booking->captured.amount;
            known->booked_refunded = booking->refunded.amount;
            known->booked_disputed = booking->disputed.amount;
        }
    }
    return STATUS_OK;
}

static enum status judge(struct request *request, const struct provider_movement *movements,
                         size_t count, struct lines *ret_lines)
{
    struct arena *arena = request_arena(request);
    struct lines lines = {
        .movements = movements,
        .known = arena_allocate_array(arena, count, sizeof *lines.known),
        .verdicts = arena_allocate_array(arena, count, sizeof *lines.verdicts),
        .count = count,
    };
    TRY(reconcile_store_find_known(request, movements, count, lines.known));
    TRY(ask_booked(request, &lines));
    for (size_t i = 0; i < count; i++)
        lines.verdicts[i] = reconcile_judge(&movements[i], &lines.known[i]);
    *ret_lines = lines;
    return STATUS_OK;
}

/* ---- what does not fit is told to its payment ---- */

struct telling {
    const struct lines *lines;
    const size_t *which;
};

static enum status begin_telling(struct request *request, const void *context, size_t index,
                                 struct request_ask **ret_ask)
{
    const struct telling *telling = context;
    const size_t at = telling->which[index];
    const struct provider_movement *movement = &telling->lines->movements[at];
    const struct payment_hear_report command = {
        .payment_id = telling->lines->known[at].payment_id,
        .movement_id = movement->id,
        .news = provider_news_of(&movement->says),
        .is_not_booked = telling->lines->verdicts[at].kind == PAYMENT_DIFFERENCE_KIND_NOT_BOOKED,
    };
    return request_ask_begin(request, &payment_hear_report_message, &command, ret_ask);
}

/* An event that was lost heals so: the payment hears what the report says, and is judged again. */
static enum status tell_payments(struct request *request, const struct lines *lines)
{
    size_t *which = arena_allocate_array(request_arena(request), lines->count, sizeof *which);
    size_t count = 0;
    for (size_t i = 0; i < lines->count; i++)
        if (lines->verdicts[i].is_difference &&
            reconcile_is_about(&lines->movements[i], &lines->known[i]))
            which[count++] = i;
    const struct telling telling = { lines, which };
    return request_ask_each(request, count, begin_telling, &telling);
}

/* The same thing has the same id, however often it is found. */
static struct uuid id_of(int64_t day, struct text about, const char *more)
{
    char name[RECONCILE_DAY_TEXT + 1];
    reconcile_day_format(day, name);
    const struct uuid of_day = key_of_text(text_of(name));
    const struct uuid of_thing = uuid_derive_named(of_day, about, 0);
    return uuid_derive_named(of_thing, text_of(more), 0);
}

static struct reconcile_difference describe(const struct lines *lines, size_t at, int64_t day)
{
    const struct provider_movement *movement = &lines->movements[at];
    const struct reconcile_verdict *verdict = &lines->verdicts[at];
    const struct reconcile_known *known = &lines->known[at];
    const bool is_ours = reconcile_is_about(movement, known);
    return (struct reconcile_difference){
        .id = id_of(day, movement->id, ""),
        .kind = verdict->kind,
        .movement = movement->kind,
        .movement_id = movement->id,
        .source = movement->source,
        .payment_id = is_ours ? known->payment_id : (struct uuid){ { 0 } },
        .has_reported = true,
        .reported = movement->amount,
        .has_known = verdict->has_known,
        .known = verdict->known,
        .currency = text_of(movement->currency),
    };
}

/* ---- a day is read ---- */

static enum status keep_page(struct request *request, int64_t day,
                             const struct provider_report *report)
{
    struct lines lines;
    struct reconcile_difference *differences =
        arena_allocate_array(request_arena(request), report->count, sizeof *differences);
    size_t count = 0;
    if (report->count == 0) return STATUS_OK;
    TRY(judge(request, report->movements, report->count, &lines));
    for (size_t i = 0; i < lines.count; i++)
        if (lines.verdicts[i].is_difference) differences[count++] = describe(&lines, i, day);
    TRY(tell_payments(request, &lines));
    reconcile_store_add_movements(request, day, lines.movements, lines.known, lines.count);
    reconcile_store_add_differences(request, day, differences, count);
    return STATUS_OK;
}

/* The cursor moves in the unit that keeps the page. One that the provider does not know any more
 * begins the day anew: what is kept already stays as it is. */
static enum status read_page(struct request *request, struct reconcile_day *day)
{
    const struct provider *provider = provider_of(request);
    const struct provider_period period = { .from_s = day->day * DAY_US / SECOND_US,
                                            .before_s = (day->day + 1) * DAY_US / SECOND_US };
    struct provider_report *report = arena_allocate(request_arena(request), sizeof *report);
    if (provider == NULL) return STATUS_NO_CARD_PROVIDER;
    const enum status status =
        provider_read_report(request, provider, &period, day->cursor, report);
    if (status == STATUS_NOT_FOUND)
        *report = (struct provider_report){ .count = 0 };
    else if (status != STATUS_OK)
        return status;
    TRY(keep_page(request, day->day, report));
    day->cursor = report->after;
    if (status == STATUS_OK && report->after.length == 0)
        day->state = PAYMENT_RECONCILIATION_STATE_COMPARING;
    reconcile_store_save(request, day);
    return STATUS_OK;
}

/* ---- what we were told is looked for ---- */

static enum status find_unreported(struct request *request, struct reconcile_day *day)
{
    struct reconcile_difference *differences =
        arena_allocate_array(request_arena(request), RECONCILE_BATCH_MAX, sizeof *differences);
    size_t count;
    const int64_t end_us = (day->day + 1) * DAY_US - SLACK_US;
    TRY(reconcile_store_list_unreported(request, end_us - DAY_US, end_us, differences, &count));
    for (size_t i = 0; i < count; i++) {
        char payment[ID_TEXT_MAX + 1];
        (void)id_format("pay", differences[i].payment_id, payment);
        differences[i].id = uuid_derive_named(id_of(day->day, differences[i].source, payment),
                                              differences[i].fact, 0);
    }
    reconcile_store_add_differences(request, day->day, differences, count);
    if (count < RECONCILE_BATCH_MAX) day->state = PAYMENT_RECONCILIATION_STATE_DONE;
    reconcile_store_save(request, day);
    return STATUS_OK;
}

/* ---- what is open is judged again ---- */

static enum status judge_movements(struct request *request, struct reconcile_open *open,
                                   size_t count, bool *is_over)
{
    struct arena *arena = request_arena(request);
    struct provider_movement *movements = arena_allocate_array(arena, count, sizeof *movements);
    struct lines lines;
    for (size_t i = 0; i < count; i++) {
        movements[i] = open[i].movement;
        /* A fact has none, which fits always. */
        if (movements[i].id.length == 0) movements[i].kind = PAYMENT_MOVEMENT_KIND_OTHER;
    }
    TRY(judge(request, movements, count, &lines));
    for (size_t i = 0; i < count; i++) {
        struct reconcile_difference *difference = &open[i].difference;
        const struct reconcile_verdict *verdict = &lines.verdicts[i];
        if (difference->movement_id.length == 0) continue;
        is_over[i] = !verdict->is_difference;
        if (reconcile_is_about(&movements[i], &lines.known[i]))
            difference->payment_id = lines.known[i].payment_id;
        if (verdict->is_difference) difference->kind = verdict->kind;
        difference->has_known = verdict->has_known;
        difference->known = verdict->known;
    }
    return tell_payments(request, &lines);
}

static enum status judge_again(struct request *request, const struct reconcile_day *day)
{
    struct arena *arena = request_arena(request);
    struct reconcile_open *open = arena_allocate_array(arena, RECONCILE_BATCH_MAX, sizeof *open);
    bool *is_over = arena_allocate_array(arena, RECONCILE_BATCH_MAX, sizeof *is_over);
    size_t count;
    TRY(reconcile_store_list_open(request, day->day, judged_before_us(request), open, &count));
    if (count == 0) return STATUS_OK;
    for (size_t i = 0; i < count; i++)
        is_over[i] = open[i].is_reported;
    TRY(judge_movements(request, open, count, is_over));
    struct reconcile_difference *differences =
        arena_allocate_array(arena, count, sizeof *differences);
    for (size_t i = 0; i < count; i++)
        differences[i] = open[i].difference;
    reconcile_store_judge_again(request, differences, is_over, count);
    return STATUS_OK;
}

/* ---- the command, and who sends it ---- */

enum status payment_handle_reconcile_day(struct request *request,
                                         const struct payment_reconcile_day *command,
                                         struct payment_reconciled *ret_reply)
{
    struct reconcile_day day;
    int64_t number;
    TRY(request_settle(request)); /* the page before may be under way */
    if (reconcile_day_parse(command->day, &number) != STATUS_OK)
        return request_refuse(request, "/day", STATUS_INVALID_VALUE, "A day, as in 2026-12-01.");
    if (number > last_day_over(request))
        return request_refuse(request, "/day", STATUS_OUT_OF_RANGE, "The day must be over.");
    TRY(reconcile_store_load(request, number, &day));
    const enum payment_reconciliation_state state = day.state;
    if (state == PAYMENT_RECONCILIATION_STATE_READING) TRY(read_page(request, &day));
    if (state == PAYMENT_RECONCILIATION_STATE_COMPARING) TRY(find_unreported(request, &day));
    if (state == PAYMENT_RECONCILIATION_STATE_DONE) TRY(judge_again(request, &day));
    ret_reply->state = day.state;
    return STATUS_OK;
}

static enum status go_on(struct request *request, struct text name)
{
    const struct payment_reconcile_day command = { .day = name };
    struct payment_reconciled reply = { .state = PAYMENT_RECONCILIATION_STATE_READING };
    for (int i = 0; i < STEPS_PER_SWEEP && reply.state != PAYMENT_RECONCILIATION_STATE_DONE; i++)
        TRY(request_ask(request, &payment_reconcile_day_message, &command, &reply));
    return STATUS_OK;
}

enum status reconcile_sweep(struct request *request, unsigned shard_first, unsigned shard_last)
{
    const struct reconcile_due due = {
        .last_day = last_day_over(request),
        .checked_before_us = judged_before_us(request),
        .found_since_us = request_now_us(request) - JUDGED_FOR_US,
    };
    const int64_t *days;
    size_t count;
    enum status first = STATUS_OK;
    if (provider_of(request) == NULL) return STATUS_OK;
    TRY(reconcile_store_list_due(request, &due, DAYS_PER_SWEEP, &days, &count));
    for (size_t i = 0; i < count; i++) {
        char name[RECONCILE_DAY_TEXT + 1];
        reconcile_day_format(days[i], name);
        const unsigned shard = shard_of_text(text_of(name));
        if (shard < shard_first || shard > shard_last) continue;
        const enum status status = go_on(request, text_of(name));
        if (first == STATUS_OK) first = status;
        if (status == STATUS_STOPPING) break;
    }
    return first;
}
