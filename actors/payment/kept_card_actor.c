/* Cards that shoppers keep: set up at the provider, paid with, forgotten. Nothing is charged here,
 * so a call whose answer was lost is made again under its key, and costs nothing if it was not. */
#include "actors/payment/kept_card_actor.h"

#include "actors/host/ask_each.h"
#include "actors/host/test_mode.h"
#include "actors/payment/kept_card_store.h"
#include "actors/payment/payment_begin.h"
#include "actors/payment/provider_transport.h"
#include "messages/card_number.h"
#include "messages/codec_json.h"
#include "payment_handlers.h"
#include "runtime/text_form.h"
#include "user_messages.h"

#define HOUR_US (INT64_C(3600) * 1000000)
#define DAY_US (24 * HOUR_US)
enum { DUE_MAX = 50, EXPORT_BYTES_MAX = 16 * 1024 };

/* ---- paid with ---- */

enum status card_resolve(struct request *request, struct payment *payment)
{
    struct uuid card_id;
    struct kept_card kept;
    if (uuid_is_zero(payment->user_id) || id_parse(payment->method, "crd", &card_id) != STATUS_OK)
        return STATUS_OK;
    const enum status found = kept_card_store_load(request, card_id, &kept);
    if (found == STATUS_NOT_FOUND) return STATUS_OK;
    if (found != STATUS_OK) return found;
    if (!uuid_equals(kept.user_id, payment->user_id) || kept.is_leaving ||
        kept.card.state != PAYMENT_CARD_STATE_READY)
        return STATUS_OK;
    payment->method = kept.method;
    payment->customer = kept.customer;
    return STATUS_OK;
}

/* ---- kept ---- */

static enum status check_words(struct request *request, const struct payment_keep_card *command)
{
    if (text_has_card_number(command->payment_method))
        return request_refuse(request, "/payment_method", STATUS_INVALID_VALUE,
                              "A token of the provider's, never a card's number.");
    if (!command->has_return_url || text_is_https_url(command->return_url)) return STATUS_OK;
    if (test_mode_is_on(request) && text_is_secure_url(command->return_url)) return STATUS_OK;
    return request_refuse(request, "/return_url", STATUS_INVALID_VALUE, TEXT_HTTPS_URL_RULE);
}

static enum status keep_bound(struct request *request, struct uuid user_id)
{
    struct kept_card *cards =
        arena_allocate_array(request_arena(request), CARDS_MAX, sizeof *cards);
    size_t count;
    TRY(kept_card_store_list(request, user_id, cards, &count));
    if (count < CARDS_MAX) return STATUS_OK;
    return request_refuse_full(request, "", STATUS_LIMIT_EXCEEDED, CARDS_MAX,
                               "So many cards are kept of a shopper at most.");
}

/* Whoever tries stolen cards out hears here for nothing which of them are good. Those that are not
 * count with refused payments; and all together are no more than may be refused, as a good one says
 * as much, and one that waits for its bank's page tells him there. */
static enum status refuse_tester(struct request *request, struct uuid user_id)
{
    const int64_t limit = config_int(request_config(request), SETTING_PAYMENT_DECLINES_MAX);
    int64_t count;
    TRY(payment_refuse_tester(request, user_id));
    if (limit == 0) return STATUS_OK;
    TRY(kept_card_store_count_tries(request, user_id, request_now_us(request) - CARD_TRIES_LIFE_US,
                                    &count));
    if (count < limit) return STATUS_OK;
    return request_refuse_full(request, "", STATUS_LIMIT_EXCEEDED, limit,
                               "So many cards are set up within an hour at most "
                               "(payment.declines_max).");
}

/* In a unit of its own: this one's is dropped with the request that is refused. */
static enum status decline(struct request *request, const struct kept_card *kept)
{
    const struct payment_note_declined_card command = { .card_id = kept->card.id,
                                                        .user_id = kept->user_id };
    TRY(request_ask(request, &payment_note_declined_card_message, &command, NULL));
    return STATUS_PAYMENT_FAILED;
}

enum status payment_handle_note_declined_card(struct request *request,
                                              const struct payment_note_declined_card *command)
{
    kept_card_store_note_try(request, command->card_id, command->user_id, true);
    return STATUS_OK;
}

/* The provider's record of the shopper is made once: its key is kept by a unit of its own before
 * the call, and follows from the shopper, so that any attempt is the same one. */
static enum status find_customer(struct request *request, const struct provider *provider,
                                 struct uuid user_id, struct text *ret_customer)
{
    TRY(kept_card_store_find_customer(request, user_id, ret_customer));
    if (ret_customer->length > 0) return STATUS_OK;
    const struct uuid key = uuid_derive_named(user_id, TEXT("customer"), 0);
    const struct payment_begin_customer begin = { .customer_id = key, .user_id = user_id };
    TRY(request_ask(request, &payment_begin_customer_message, &begin, NULL));
    struct provider_card_call call = { .act = PROVIDER_MAKE_CUSTOMER,
                                       .key = key,
                                       .user_id = user_id };
    struct provider_card made;
    TRY(provider_call_card(request, provider, &call, &made));
    /* The key answers so for ever; a record without cards that may be left there is nobody's. */
    if (made.verdict == PROVIDER_BROKEN) {
        call.key = uuid_derive_named(user_id, TEXT("customer"), 1);
        TRY(provider_call_card(request, provider, &call, &made));
    }
    if (made.verdict != PROVIDER_SAID) return STATUS_UNAVAILABLE;
    kept_card_store_name_customer(request, user_id, made.customer);
    *ret_customer = made.customer;
    return STATUS_OK;
}

/* What the provider has said of the card. */
static void hear(struct kept_card *kept, const struct provider_card *said)
{
    struct payment_card *card = &kept->card;
    card->state = said->is_ready     ? PAYMENT_CARD_STATE_READY
                  : said->is_refused ? PAYMENT_CARD_STATE_REFUSED
                                     : PAYMENT_CARD_STATE_PENDING;
    if (said->method.length > 0) kept->method = said->method;
    card->brand = said->brand;
    card->last4 = said->last4;
    card->exp_month = said->exp_month;
    card->exp_year = said->exp_year;
    card->has_next_action = card->state == PAYMENT_CARD_STATE_PENDING && said->next_url.length > 0;
    card->next_action.redirect_url = said->next_url;
}

/* A card that its shopper never confirms is forgotten after a day, a refused one by the next sweep.
 */
static int64_t due_of(const struct request *request, const struct kept_card *kept)
{
    if (kept->card.state == PAYMENT_CARD_STATE_READY) return 0;
    const bool is_pending = kept->card.state == PAYMENT_CARD_STATE_PENDING;
    return request_now_us(request) + (is_pending ? DAY_US : 0);
}

static enum status show(struct request *request, const struct kept_card *kept,
                        struct payment_card *ret_card)
{
    struct kept_card *cards =
        arena_allocate_array(request_arena(request), CARDS_MAX, sizeof *cards);
    size_t count;
    TRY(kept_card_store_list(request, kept->user_id, cards, &count));
    *ret_card = kept->card;
    ret_card->is_default = kept->card.state == PAYMENT_CARD_STATE_READY;
    for (size_t i = 0; i < count; i++)
        if (cards[i].card.state == PAYMENT_CARD_STATE_READY &&
            !uuid_equals(cards[i].card.id, kept->card.id) &&
            cards[i].card.created_at_us <= kept->card.created_at_us)
            ret_card->is_default = false;
    return STATUS_OK;
}

enum status payment_handle_keep_card(struct request *request,
                                     const struct payment_keep_card *command,
                                     struct payment_card *ret_reply)
{
    const struct provider *provider = provider_of(request);
    struct kept_card kept = { .user_id = request_principal(request)->id };
    struct provider_card said;
    if (provider == NULL) return STATUS_NO_CARD_PROVIDER;
    TRY(check_words(request, command));
    TRY(request_settle(request)); /* those that were kept just now count */
    TRY(keep_bound(request, kept.user_id));
    TRY(refuse_tester(request, kept.user_id));
    TRY(find_customer(request, provider, kept.user_id, &kept.customer));
    kept.card.id = request_new_id(request);
    kept.card.created_at_us = request_now_us(request);
    const struct provider_card_call call = {
        .act = PROVIDER_SET_UP,
        .key = kept.card.id,
        .customer = kept.customer,
        .method = command->payment_method,
        .return_url = command->has_return_url ? command->return_url : (struct text){ 0 },
    };
    TRY(provider_call_card(request, provider, &call, &said));
    if (said.verdict == PROVIDER_BROKEN)
        return STATUS_UNAVAILABLE; /* the next one has its own key */
    if (said.verdict != PROVIDER_SAID || said.is_refused) return decline(request, &kept);
    kept.setup = said.setup;
    hear(&kept, &said);
    kept_card_store_insert(request, &kept, due_of(request, &kept));
    kept_card_store_note_try(request, kept.card.id, kept.user_id, false);
    return show(request, &kept, ret_reply);
}

static enum status load_own(struct request *request, struct uuid card_id,
                            struct kept_card *ret_card)
{
    TRY(request_settle(request));
    TRY(kept_card_store_load(request, card_id, ret_card));
    const bool is_own = uuid_equals(ret_card->user_id, request_principal(request)->id);
    return is_own && !ret_card->is_leaving ? STATUS_OK : STATUS_NOT_FOUND;
}

enum status payment_handle_confirm_card(struct request *request,
                                        const struct payment_confirm_card *command,
                                        struct payment_card *ret_reply)
{
    const struct provider *provider = provider_of(request);
    struct kept_card kept;
    struct provider_card said;
    if (provider == NULL) return STATUS_NO_CARD_PROVIDER;
    TRY(load_own(request, command->card_id, &kept));
    if (kept.card.state != PAYMENT_CARD_STATE_PENDING) return show(request, &kept, ret_reply);
    const struct provider_card_call call = { .act = PROVIDER_LOOK_AT_SETUP,
                                             .key = kept.card.id,
                                             .setup = kept.setup };
    TRY(provider_call_card(request, provider, &call, &said));
    if (said.verdict == PROVIDER_BROKEN) return STATUS_UNAVAILABLE;
    if (said.verdict != PROVIDER_SAID) said.is_refused = true; /* there is none any more */
    hear(&kept, &said);
    if (kept.card.state != PAYMENT_CARD_STATE_PENDING)
        kept_card_store_save(request, &kept, due_of(request, &kept));
    if (kept.card.state == PAYMENT_CARD_STATE_REFUSED)
        kept_card_store_decline_try(request, kept.card.id);
    return show(request, &kept, ret_reply);
}

/* ---- seen ---- */

enum status payment_handle_list_cards(struct request *request,
                                      const struct payment_list_cards *query,
                                      struct payment_cards *ret_reply)
{
    (void)query;
    struct arena *arena = request_arena(request);
    struct kept_card *kept = arena_allocate_array(arena, CARDS_MAX, sizeof *kept);
    struct payment_card *cards = arena_allocate_array(arena, CARDS_MAX, sizeof *cards);
    size_t kept_count, count = 0;
    TRY(kept_card_store_list(request, request_principal(request)->id, kept, &kept_count));
    for (size_t i = 0; i < kept_count; i++)
        if (kept[i].card.state == PAYMENT_CARD_STATE_READY) cards[count++] = kept[i].card;
    if (count > 0) cards[0].is_default = true;
    *ret_reply = (struct payment_cards){ .data = cards, .data_count = count };
    return STATUS_OK;
}

/* No row is longer than its texts may be, so all of them have room. */
enum status payment_handle_export_shopper(struct request *request,
                                          const struct people_export_shopper *query,
                                          struct common_export_part *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct kept_card *kept = arena_allocate_array(arena, CARDS_MAX, sizeof *kept);
    struct text_builder out;
    size_t count;
    TRY(kept_card_store_list(request, query->user_id, kept, &count));
    text_builder_init(&out, arena, EXPORT_BYTES_MAX);
    text_builder_add(&out, TEXT("{\"cards\":["));
    for (size_t i = 0; i < count; i++) {
        kept[i].card.has_next_action = false;
        if (i > 0) text_builder_add_byte(&out, ',');
        json_encode(&payment_card_schema, &kept[i].card, &out);
    }
    text_builder_add(&out, TEXT("]}"));
    assert(!out.is_full);
    ret_reply->json = text_builder_view(&out);
    return STATUS_OK;
}

/* ---- kept no more ---- */

enum status payment_handle_drop_card(struct request *request,
                                     const struct payment_drop_card *command)
{
    struct kept_card kept;
    TRY(load_own(request, command->card_id, &kept));
    kept_card_store_drop(request, kept.card.id);
    return STATUS_OK;
}

enum status payment_handle_begin_customer(struct request *request,
                                          const struct payment_begin_customer *command)
{
    kept_card_store_begin_customer(request, command->customer_id, command->user_id);
    return STATUS_OK;
}

enum status payment_handle_forget_cards(struct request *request,
                                        const struct payment_forget_cards *command)
{
    kept_card_store_drop_all(request, command->user_id);
    return STATUS_OK;
}

enum status payment_on_user_user_was_erased(struct request *request,
                                            const struct user_user_was_erased *event)
{
    const struct payment_forget_cards command = { .user_id = event->user_id };
    return request_ask(request, &payment_forget_cards_message, &command, NULL);
}

/* Detached already, or never attached, is as good. A key that answers 500 for ever gives way to the
 * next hour's: the same may be done twice. */
enum status payment_handle_detach_card(struct request *request,
                                       const struct payment_detach_card *command)
{
    const struct provider *provider = provider_of(request);
    struct kept_card kept;
    struct provider_card said;
    TRY(kept_card_store_load(request, command->card_id, &kept));
    if (!kept.is_leaving && kept.card.state == PAYMENT_CARD_STATE_READY) return STATUS_OK;
    if (provider == NULL) return STATUS_NO_CARD_PROVIDER;
    const struct provider_card_call call = {
        .act = PROVIDER_DETACH,
        .key = uuid_derive_named(kept.card.id, TEXT("detach"),
                                 (uint64_t)(request_real_us(request) / HOUR_US)),
        .method = kept.method,
    };
    TRY(provider_call_card(request, provider, &call, &said));
    if (said.verdict == PROVIDER_BROKEN) return STATUS_UNAVAILABLE;
    kept_card_store_forget(request, kept.card.id);
    return STATUS_OK;
}

static enum status begin_detach(struct request *request, const void *context, size_t index,
                                struct request_ask **ret_ask)
{
    const struct payment_detach_card command = { .card_id = ((const struct uuid *)context)[index] };
    return request_ask_begin(request, &payment_detach_card_message, &command, ret_ask);
}

enum status card_sweep(struct request *request, unsigned shard_first, unsigned shard_last)
{
    const struct uuid *ids;
    size_t count;
    if (provider_of(request) == NULL) return STATUS_OK;
    TRY(kept_card_store_list_due(request, shard_first, shard_last, DUE_MAX, &ids, &count));
    return request_ask_each(request, count, begin_detach, ids);
}
