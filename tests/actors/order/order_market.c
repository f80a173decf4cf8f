/* Runs the node's loop for as long as a test's calls need. */
#include "tests/actors/order/order_market.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "messages/codec_msgpack.h"
#include "runtime/log.h"

enum { TIMEOUT_US = 60 * 1000 * 1000, SETTLE_PAUSE_US = 2000 };

static const char *const domains[] = { "order" };

const char *market_setting;

static int64_t market_us(void *context)
{
    const struct order_market *market = context;
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 + market->shop.market_offset_us;
}

static void on_ready(void *context)
{
    struct order_market *market = context;
    market->is_ready = true;
    loop_stop(market->loop);
}

static enum status answer_peers(void *context, const struct envelope *request, struct arena *arena,
                                struct envelope *ret_reply)
{
    struct order_market *market = context;
    return shop_answer(&market->shop, request, arena, ret_reply);
}

void market_new(struct order_market *market)
{
    *market = (struct order_market){ 0 };
    market->scratch = scratch_new(domains, 1, "actors");
    log_open("test", LOG_ERROR);
    char option[1024];
    (void)snprintf(option, sizeof option, "--database.order=%s",
                   scratch_conninfo(market->scratch, "order"));
    char setting[128] = "--market.offline_payment=allowed";
    if (market_setting != NULL) (void)snprintf(setting, sizeof setting, "%s", market_setting);
    char *arguments[] = { (char *)"test",
                          (char *)"--test-mode",
                          (char *)"--market.offline_payment=allowed",
                          setting,
                          option,
                          NULL };
    int first;
    market->config = config_new();
    const enum status loaded = config_load_arguments(market->config, 5, arguments, &first);
    assert(loaded == STATUS_OK);
    const enum status checked = config_check(market->config);
    assert(checked == STATUS_OK);
}

void market_destroy(struct order_market *market)
{
    config_destroy(&market->config);
    scratch_destroy(&market->scratch);
}

void market_open(struct order_market *market)
{
    market->peers = (struct fake_peers){ market, answer_peers, on_ready };
    fake_bus_set_peers(&market->peers);
    market->loop = loop_new();
    struct clock *clock = loop_clock(market->loop);
    clock->context = market;
    clock->market_us = market_us;
    market->fibers = fibers_new(loop_timers(market->loop), clock);
    market->is_ready = false;
    const struct node_options options = { .loop = market->loop,
                                          .fibers = market->fibers,
                                          .config = market->config,
                                          .keys = &market->keys,
                                          .name = "node-1",
                                          .run_dir = "/tmp",
                                          .domains = 1u << DOMAIN_ORDER,
                                          .shard_first = 0,
                                          .shard_last = SHARD_COUNT - 1 };
    const enum status started = node_start(&market->host, &options);
    assert(started == STATUS_OK);
    while (!market->is_ready)
        loop_run(market->loop);
}

void market_close(struct order_market *market)
{
    node_destroy(&market->host);
    fibers_destroy(&market->fibers);
    loop_destroy(&market->loop);
}

static void settle_fiber(void *argument)
{
    struct order_market *market = argument;
    while (!market->host.is_started || market->host.hosted[DOMAIN_ORDER].sagas != NULL)
        if (fiber_sleep(market->fibers, SETTLE_PAUSE_US) != STATUS_OK) break;
    market->calls--;
    loop_stop(market->loop);
}

static void run_calls(struct order_market *market)
{
    while (market->calls > 0)
        loop_run(market->loop);
}

void market_settle(struct order_market *market)
{
    market->calls++;
    const enum status spawned = fiber_spawn(market->fibers, settle_fiber, market);
    assert(spawned == STATUS_OK);
    run_calls(market);
}

static void fill_envelope(const struct call *call, struct envelope *envelope)
{
    struct order_market *market = call->market;
    const struct clock *clock = loop_clock(market->loop);
    *envelope = (struct envelope){
        .kind = ENVELOPE_REQUEST,
        .domain = (uint8_t)call->message->domain,
        .number = call->message->number,
        .principal = { .kind = PRINCIPAL_SHOPPER,
                       .id = call->user_id,
                       .expires_at_us = clock->real_us(clock->context) + TIMEOUT_US,
                       .rights = UINT64_MAX },
        .client = text_of(market->client),
    };
    if (uuid_is_zero(call->user_id))
        envelope->principal = (struct principal){ .kind = PRINCIPAL_NONE };
    if (call->message->role == ROLE_NODE)
        envelope->principal = (struct principal){ .kind = PRINCIPAL_NODE };
    if (call->message->role == ROLE_VENDOR) envelope->principal.kind = PRINCIPAL_VENDOR;
    if (call->message->role == ROLE_ADMIN) {
        envelope->principal.kind = PRINCIPAL_ADMIN;
        envelope->principal.confirmed_us = clock->real_us(clock->context);
    }
    randombytes_buf(envelope->msg_id.bytes, sizeof envelope->msg_id.bytes);
    principal_prove(market->host.principal_key, envelope->msg_id, &envelope->principal,
                    envelope->principal_proof);
    unsigned shard = 0;
    const struct uuid sender = envelope_sender(&envelope->principal, envelope->msg_id);
    if (message_key_of(call->message, call->body, sender, &envelope->key, &shard))
        envelope->shard = (uint8_t)shard;
    envelope->has_idempotency = call->key != 0;
    memset(envelope->idempotency_key, call->key, sizeof envelope->idempotency_key);
    const enum status encoded = msgpack_encode(call->message->body, call->body, market->arena,
                                               ENVELOPE_BODY_MAX, &envelope->body);
    assert(encoded == STATUS_OK);
}

static enum status ask(struct call *call)
{
    struct order_market *market = call->market;
    const struct clock *clock = loop_clock(market->loop);
    struct envelope request, reply;
    fill_envelope(call, &request);
    TRY(bus_ask(market->host.bus, &request, clock->monotonic_us(clock->context) + TIMEOUT_US,
                market->arena, &reply));
    call->answer.http_status = reply.http_status;
    call->answer.is_replayed = reply.is_replayed;
    if (reply.status != STATUS_OK) {
        if (reply.body.length > 0)
            TRY(msgpack_decode(&common_problem_detail_schema, reply.body, market->arena,
                               &call->answer.problem));
        return reply.status;
    }
    if (call->reply == NULL) return STATUS_OK;
    return msgpack_decode(call->message->reply, reply.body, market->arena, call->reply);
}

static void call_fiber(void *argument)
{
    struct call *call = argument;
    call->answer.status = ask(call);
    call->market->calls--;
    loop_stop(call->market->loop);
}

void market_call_all(struct order_market *market, struct call *calls, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        calls[i].market = market;
        market->calls++;
        const enum status spawned = fiber_spawn(market->fibers, call_fiber, &calls[i]);
        assert(spawned == STATUS_OK);
    }
    run_calls(market);
}

struct answer market_call(struct order_market *market, struct uuid user_id,
                          const struct message *message, const void *body, uint8_t key,
                          void *ret_reply)
{
    struct call call = {
        .user_id = user_id, .message = message, .body = body, .key = key, .reply = ret_reply
    };
    market_call_all(market, &call, 1);
    return call.answer;
}

int64_t market_number(struct order_market *market, const char *sql)
{
    int64_t number;
    const enum status parsed =
        text_parse_int(text_of(scratch_sql(market->scratch, "order", sql)), &number);
    assert(parsed == STATUS_OK);
    return number;
}
