/* Deliveries of events by HTTP. */
#include "tests/testbank/webhooks.h"

#include <stdlib.h>
#include <string.h>

#include "tests/testbank/events.h"
#include "tests/testbank/front.h"
#include "tests/testbank/render.h"
#include "tests/testbank/signature.h"

struct webhooks {
    struct front *front;
    struct fibers *fibers;
    struct transfers *transfers;
    size_t under_way;
    bool is_stopping;
};

struct sending {
    struct webhooks *webhooks;
    struct delivery *delivery;
};

struct webhooks *webhooks_new(struct front *front)
{
    struct webhooks *webhooks = calloc(1, sizeof *webhooks);
    if (webhooks == NULL) abort();
    webhooks->front = front;
    webhooks->fibers = fibers_new(loop_timers(front->loop), loop_clock(front->loop));
    webhooks->transfers = transfers_new(front->loop, webhooks->fibers);
    return webhooks;
}

bool webhooks_have_work(const struct webhooks *webhooks)
{
    const struct bank *bank = webhooks->front->bank;
    return !bank->holds_deliveries && !webhooks->is_stopping &&
           bank->due_deliveries.count > webhooks->under_way;
}

/* The answer's code; 0: there was none. The time of a signature is real, since receivers compare it
 * with their own clock. */
static int send_event(struct webhooks *webhooks, const struct delivery *delivery,
                      struct arena *arena, enum status *ret_status)
{
    struct front *front = webhooks->front;
    const char *secrets[ENDPOINT_SECRETS_MAX];
    const size_t count = endpoint_secrets(delivery->endpoint, front_now_us(front), secrets);
    json_t *json = render(front->bank, &delivery->event->object);
    const struct text body = render_text(arena, json);
    json_decref(json);
    const struct transfer_header header = {
        .name = TEXT("Stripe-Signature"),
        .value = signature_of(arena, secrets, count, loop_real_us(front->loop) / SECONDS_US, body),
    };
    const struct transfer_http http = {
        .url = text_of(delivery->endpoint->url),
        .content_type = TEXT("application/json; charset=utf-8"),
        .body = body,
        .headers = &header,
        .headers_count = 1,
        .deadline_us = loop_now_us(front->loop) + WEBHOOK_TIMEOUT_US,
        .method = TRANSFER_POST,
    };
    struct transfer_answer answer = { .code = 0 };
    *ret_status = transfer_http(webhooks->transfers, &http, arena, &answer);
    return *ret_status == STATUS_OK ? answer.code : 0;
}

static void run_sending(void *argument)
{
    struct sending sending = *(struct sending *)argument;
    struct arena *arena = arena_new(16384);
    enum status status;
    const int code = send_event(sending.webhooks, sending.delivery, arena, &status);
    arena_destroy(&arena);
    sending.delivery->is_under_way = false;
    sending.webhooks->under_way--;
    if (status == STATUS_STOPPING) return;
    struct command command = {
        .kind = COMMAND_DELIVERED,
        .delivery = sending.delivery->position,
        .code = code,
    };
    front_do(sending.webhooks->front, &command);
    loop_wake(sending.webhooks->front->loop);
}

/* One that waits, from a random place on: nobody may count on an order. */
static struct delivery *pick(struct webhooks *webhooks)
{
    const struct list *due = &webhooks->front->bank->due_deliveries;
    uint32_t random;
    struct rng *rng = loop_rng(webhooks->front->loop);
    rng->fill(rng->context, &random, sizeof random);
    for (size_t i = 0; i < due->count; i++) {
        struct delivery *delivery = due->items[(random + i) % due->count];
        if (!delivery->is_under_way) return delivery;
    }
    return NULL;
}

void webhooks_start_due(struct webhooks *webhooks)
{
    while (webhooks->under_way < WEBHOOKS_UNDER_WAY_MAX && webhooks_have_work(webhooks)) {
        struct sending sending = { .webhooks = webhooks, .delivery = pick(webhooks) };
        if (sending.delivery == NULL) return;
        sending.delivery->is_under_way = true;
        webhooks->under_way++;
        const enum status status = fiber_spawn(webhooks->fibers, run_sending, &sending);
        assert(status == STATUS_OK);
    }
}

void webhooks_destroy(struct webhooks **webhooks)
{
    if (*webhooks == NULL) return;
    (*webhooks)->is_stopping = true;
    transfers_destroy(&(*webhooks)->transfers);
    fibers_stop((*webhooks)->fibers);
    fibers_destroy(&(*webhooks)->fibers);
    free(*webhooks);
    *webhooks = NULL;
}
