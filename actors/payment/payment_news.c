/* What the provider says, asked or by itself: one path for both. */
#include "actors/host/saga.h"
#include "actors/payment/payment_begin.h"
#include "actors/payment/payment_store.h"
#include "actors/payment/provider_transport.h"
#include "payment_handlers.h"

/* ---- calls ---- */

static enum payment_verdict verdict_of(enum provider_verdict verdict)
{
    if (verdict == PROVIDER_SAID) return PAYMENT_VERDICT_SAID;
    return verdict == PROVIDER_SHUT ? PAYMENT_VERDICT_SHUT : PAYMENT_VERDICT_NOT_TAKEN;
}

/* Its actor is the operation, so that the payment hears events while the call is under way. */
enum status payment_handle_call_provider(struct request *request,
                                         const struct payment_call_provider *command,
                                         struct payment_called *ret_reply)
{
    const struct provider *provider = provider_of(request);
    if (request_now_us(request) >= command->call.expires_at_us) {
        ret_reply->verdict = PAYMENT_VERDICT_UNKNOWN;
        return STATUS_OK;
    }
    /* Cards are taken no more, or not yet again: what was begun is still to be ended. */
    if (provider == NULL) return STATUS_UNAVAILABLE;
    struct provider_answer *answer = arena_allocate(request_arena(request), sizeof *answer);
    TRY(provider_call(request, provider, &command->call, answer));
    ret_reply->verdict = verdict_of(answer->verdict);
    ret_reply->news = provider_news_of(answer);
    return STATUS_OK;
}

/* ---- what was said ---- */

static bool is_same(const struct payment_sum *a, const struct payment_sum *b)
{
    return a->status == b->status && a->captured == b->captured && a->refunded == b->refunded &&
           a->disputed == b->disputed && a->lost == b->lost;
}

/* After it was saved, so that the version is that of the row. */
static enum status tell_standing(struct request *request, const struct payment *payment)
{
    const struct payment_sum now = payment_sum(payment);
    const char *currency = payment->amount.currency;
    const struct payment_payment_was_changed event = {
        .payment_id = payment->id,
        .purpose = payment->purpose,
        .subject_id = payment->subject_id,
        .status = now.status,
        .captured = money_make(now.captured, currency),
        .refunded = money_make(now.refunded, currency),
        .disputed = money_make(now.disputed + now.lost, currency),
        .version = payment->version,
    };
    return request_publish(request, &payment_payment_was_changed_message, &event);
}

static enum status tell(struct request *request, const struct payment *payment,
                        const struct payment_sum *before)
{
    const struct payment_sum now = payment_sum(payment);
    return is_same(&now, before) ? STATUS_OK : tell_standing(request, payment);
}

static enum payment_operation operation_of(const struct payment_record_call *command)
{
    return command->has_operation ? command->operation : PAYMENT_OPERATION_QUERY;
}

/* What was to be authorised and was not taken is refused: with a wrong token nothing has happened,
 * nor by a provider who does not let us in, which says nothing about the card, either. A fault of
 * the provider's own is no word about the card: it is tried again, under a key of its own, for as
 * long as somebody waits. */
static void hear_not_taken(struct request *request, struct payment *payment,
                           const struct payment_record_call *command)
{
    char source[ID_TEXT_MAX + 1];
    if (command->verdict != PAYMENT_VERDICT_NOT_TAKEN && command->verdict != PAYMENT_VERDICT_SHUT)
        return;
    if (operation_of(command) != PAYMENT_OPERATION_AUTHORISE || payment->reference.length > 0)
        return;
    if (text_equals_string(command->news.code, PROVIDER_ERROR)) {
        payment->is_tried = false;
        return;
    }
    (void)id_format("pop", command->operation_id, source);
    const struct text code =
        command->verdict == PAYMENT_VERDICT_SHUT ? TEXT(PAYMENT_SHUT) : command->news.code;
    payment_hear_refusal(payment, text_copy(request_arena(request), text_of(source)), code,
                         request_now_us(request));
}

/* What became of a refund that somebody asked for: the provider has it under an id now, or it is a
 * person's. Shut out, it is asked for again. */
static void settle_refund(struct request *request, struct payment *payment,
                          const struct payment_record_call *command)
{
    const struct payment_provider_news *news = &command->news;
    const char *state = command->verdict == PAYMENT_VERDICT_UNKNOWN ? "unknown" : "refused";
    struct text ref = { 0 };
    /* Of what the provider has made beside it nobody has asked for anything. */
    const bool is_beside =
        command->has_reference && !text_equals(command->reference, payment->reference);
    if (operation_of(command) != PAYMENT_OPERATION_REFUND || is_beside) return;
    if (command->verdict == PAYMENT_VERDICT_SHUT || payment->next_refund_amount == 0) return;
    /* Nothing came of it, and nothing will: the next attempt has a key of its own. */
    if (text_equals_string(news->code, PROVIDER_ERROR)) return;
    if (command->verdict == PAYMENT_VERDICT_SAID) {
        if (news->facts_count == 0 || news->facts[0].ref.length == 0) return;
        state = "taken";
        ref = news->facts[0].ref;
    }
    payment_store_settle_refund(request, command->operation_id, state, ref, news->code);
    /* The next one, if there is any, is read when it is looked at again. */
    payment->refunds_asked -= payment->next_refund_amount;
    payment->next_refund_amount = payment->refunds_asked;
}

/* Who tops a wallet up has made something new; all others look at what there is. */
static int http_status_of(const struct payment *payment, const struct payment_record_call *command)
{
    const bool is_first = operation_of(command) == PAYMENT_OPERATION_AUTHORISE;
    if (!is_first || payment->purpose != PAYMENT_PURPOSE_TOPUP) return 200;
    return payment_sum(payment).status == PAYMENT_STATUS_PROCESSING ? 202 : 201;
}

enum status payment_handle_record_call(struct request *request,
                                       const struct payment_record_call *command,
                                       struct payment_payment *ret_reply)
{
    struct payment *payment;
    TRY(payment_store_load(request, command->payment_id, &payment));
    const struct payment_sum before = payment_sum(payment);
    if (operation_of(command) == PAYMENT_OPERATION_AUTHORISE)
        payment_own(payment, command->news.reference);
    (void)payment_hear(payment, &command->news);
    hear_not_taken(request, payment, command);
    if (uuid_equals(payment->operation_id, command->operation_id))
        payment->operation_id = (struct uuid){ 0 };
    settle_refund(request, payment, command);
    payment_plan_look_after(request, payment, command->verdict, operation_of(command));
    payment_store_end_operation(request, command->operation_id, command->verdict,
                                command->news.code);
    payment_store_save(request, payment);
    TRY(tell(request, payment, &before));
    *ret_reply = payment_show(payment);
    return saga_reach_pivot(request, command->operation_id, http_status_of(payment, command));
}

/* ---- events ---- */

enum status payment_handle_record_event(struct request *request,
                                        const struct payment_record_event *command)
{
    struct payment *payment;
    bool knows;
    TRY(payment_store_load(request, command->payment_id, &payment));
    TRY(payment_store_knows_event(request, command->event_id, &knows));
    if (knows) return STATUS_OK;
    if (payment->is_mark) return STATUS_NOT_FOUND;
    const struct payment_sum before = payment_sum(payment);
    payment_store_add_event(request, command->event_id, payment->id);
    if (!payment_hear(payment, &command->news)) return STATUS_OK;
    payment_plan_look(request, payment);
    payment_store_save(request, payment);
    return tell(request, payment, &before);
}

/* ---- the provider's report ---- */

/* What a report says is an event that came late, by the movement's id. Where it brings nothing, the
 * provider is asked; where it is the ledger that lacks something, the event about it may have been
 * lost, and is told again: by the same version it is booked once. */
enum status payment_handle_hear_report(struct request *request,
                                       const struct payment_hear_report *command)
{
    struct payment *payment;
    bool knows;
    TRY(payment_store_load(request, command->payment_id, &payment));
    if (payment->is_mark) return STATUS_NOT_FOUND;
    TRY(payment_store_knows_event(request, command->movement_id, &knows));
    const struct payment_sum before = payment_sum(payment);
    if (!knows && command->news.facts_count > 0) {
        payment_store_add_event(request, command->movement_id, payment->id);
        if (payment_hear(payment, &command->news)) {
            payment_plan_look(request, payment);
            payment_store_save(request, payment);
            return command->is_not_booked ? tell_standing(request, payment)
                                          : tell(request, payment, &before);
        }
    }
    return command->is_not_booked ? tell_standing(request, payment)
                                  : payment_ask_again(request, payment);
}

/* ---- events of nobody, and of whom ---- */

/* By the provider's id of the payment, or by what we wrote beside it where that is not known yet.
 * Whether it is ours, or one that was made beside it, is decided by the payment. All that we ever
 * ask for is of a payment with an id. */
static enum status find_payment(struct request *request, const struct provider_event *event,
                                struct uuid *ret_payment_id, bool *ret_knows)
{
    const struct provider_answer *says = &event->says;
    TRY(payment_store_find(request, event->id, says->reference, ret_payment_id, ret_knows));
    if (*ret_knows || !uuid_is_zero(*ret_payment_id)) return STATUS_OK;
    *ret_payment_id = says->payment_id;
    const bool is_named = says->reference.length > 0 && !uuid_is_zero(says->payment_id);
    return is_named ? STATUS_OK : STATUS_NOT_FOUND;
}

/* What is told again and again does not wait for the payment's turn; whether it is news is decided
 * there, in the unit of its effect. */
static enum status hand_on(struct request *request, const struct provider_event *event)
{
    struct payment_record_event command = { .event_id = event->id,
                                            .news = provider_news_of(&event->says) };
    bool knows;
    TRY(find_payment(request, event, &command.payment_id, &knows));
    if (knows) return STATUS_OK;
    return request_ask(request, &payment_record_event_message, &command, NULL);
}

/* Told once, however often it comes. */
static enum status set_aside(struct request *request, const struct provider_event *event,
                             struct text type)
{
    bool has;
    TRY(payment_store_has_parked(request, event->id, &has));
    if (has) return STATUS_OK;
    log_warning("provider_event_parked", LOG_TEXT("event", event->id), LOG_TEXT("type", type));
    payment_store_park_event(request, event->id, type, event->says.reference);
    return STATUS_OK;
}

/* Played money buys nothing where it is real, nor the other way round: the endpoint's secret was
 * taken for the other mode's. */
static enum status set_aside_of_mode(struct request *request, const struct provider_event *event)
{
    const char *mode = event->is_live ? "live" : "test";
    return set_aside(request, event,
                     text_format(request_arena(request), "%s-mode %.*s", mode,
                                 (int)event->type.length, event->type.data));
}

enum status payment_handle_receive_event(struct request *request,
                                         const struct payment_receive_event *command)
{
    const struct provider *provider = provider_of(request);
    struct provider_event *event = arena_allocate(request_arena(request), sizeof *event);
    if (provider == NULL) return STATUS_SIGNATURE_INVALID;
    TRY(provider_verify_event(request, provider, command->signature, command->event));
    TRY(provider->read_event(command->event, request_arena(request), event));
    if (!event->is_known && !event->is_strange) return STATUS_OK;
    bool is_of_key;
    TRY(provider_is_of_key(request, event, &is_of_key));
    if (!is_of_key) return set_aside_of_mode(request, event);
    const enum status status = event->is_strange ? STATUS_NOT_FOUND : hand_on(request, event);
    return status == STATUS_NOT_FOUND ? set_aside(request, event, event->type) : status;
}
