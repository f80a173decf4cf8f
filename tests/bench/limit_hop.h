/* One ZeroMQ hop on libuv: numbered records between two processes, all records of a loop turn in
 * one message. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum { HOP_BUFFER_BYTES = 16 * 1024 * 1024 };

struct hop {
    void *socket;
    uv_poll_t poll;
    uv_prepare_t prepare;
    uv_check_t check;
    uv_idle_t idle;
    char *out;
    size_t out_length;
    void (*on_record)(void *context, uint32_t number, const char *bytes, size_t length);
    void *context;
};

/* Binds or connects a PAIR at `endpoint`; `on_record` is called on the loop. Ends the process when
 * it cannot. */
void hop_open(struct hop *hop, uv_loop_t *loop, const char *endpoint, bool is_bound,
              void (*on_record)(void *context, uint32_t number, const char *bytes, size_t length),
              void *context);

/* Queues a record until the end of this loop turn; the bytes are copied. */
void hop_send(struct hop *hop, uint32_t number, const char *bytes, size_t length);
