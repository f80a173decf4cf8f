/* The same loop as ours (runtime/README.md, Decisions: the descriptor only wakes): check drains,
 * prepare flushes and looks again. */
#include "tests/bench/limit_hop.h"

#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "tests/bench/limit_front.h"

struct record {
    uint32_t number, length;
};

static void hop_receive(struct hop *hop, const char *bytes, size_t length)
{
    struct record record;
    while (length >= sizeof record) {
        memcpy(&record, bytes, sizeof record);
        if (length - sizeof record < record.length) front_give_up("torn record");
        hop->on_record(hop->context, record.number, bytes + sizeof record, record.length);
        bytes += sizeof record + record.length;
        length -= sizeof record + record.length;
    }
}

static void hop_drain(struct hop *hop)
{
    zmq_msg_t message;
    for (int i = 0; i < 256; i++) {
        zmq_msg_init(&message);
        const bool is_there = zmq_msg_recv(&message, hop->socket, ZMQ_DONTWAIT) >= 0;
        if (is_there) hop_receive(hop, zmq_msg_data(&message), zmq_msg_size(&message));
        zmq_msg_close(&message);
        if (!is_there) return;
    }
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)poll, (void)status, (void)events;
}

static void on_idle(uv_idle_t *idle)
{
    (void)idle;
}

static void on_check(uv_check_t *check)
{
    hop_drain(check->data);
}

static void on_prepare(uv_prepare_t *prepare)
{
    struct hop *hop = prepare->data;
    int events = 0;
    size_t size = sizeof events;
    if (hop->out_length > 0 && zmq_send(hop->socket, hop->out, hop->out_length, ZMQ_DONTWAIT) >= 0)
        hop->out_length = 0;
    zmq_getsockopt(hop->socket, ZMQ_EVENTS, &events, &size);
    if ((events & ZMQ_POLLIN) != 0)
        uv_idle_start(&hop->idle, on_idle);
    else
        uv_idle_stop(&hop->idle);
}

void hop_open(struct hop *hop, uv_loop_t *loop, const char *endpoint, bool is_bound,
              void (*on_record)(void *context, uint32_t number, const char *bytes, size_t length),
              void *context)
{
    int fd;
    size_t size = sizeof fd;
    hop->on_record = on_record;
    hop->context = context;
    hop->out = malloc(HOP_BUFFER_BYTES);
    hop->socket = zmq_socket(zmq_ctx_new(), ZMQ_PAIR);
    if (hop->out == NULL || hop->socket == NULL) front_give_up("no socket");
    if ((is_bound ? zmq_bind : zmq_connect)(hop->socket, endpoint) != 0)
        front_give_up("cannot open the endpoint");
    zmq_getsockopt(hop->socket, ZMQ_FD, &fd, &size);
    hop->poll.data = hop->prepare.data = hop->check.data = hop->idle.data = hop;
    uv_poll_init(loop, &hop->poll, fd);
    uv_poll_start(&hop->poll, UV_READABLE, on_poll);
    uv_prepare_init(loop, &hop->prepare);
    uv_prepare_start(&hop->prepare, on_prepare);
    uv_check_init(loop, &hop->check);
    uv_check_start(&hop->check, on_check);
    uv_idle_init(loop, &hop->idle);
}

void hop_send(struct hop *hop, uint32_t number, const char *bytes, size_t length)
{
    const struct record record = { number, (uint32_t)length };
    if (HOP_BUFFER_BYTES - hop->out_length < sizeof record + length)
        front_give_up("the hop is full");
    memcpy(hop->out + hop->out_length, &record, sizeof record);
    memcpy(hop->out + hop->out_length + sizeof record, bytes, length);
    hop->out_length += sizeof record + length;
}
