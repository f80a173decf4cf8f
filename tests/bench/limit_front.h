/* What the limit lines share: h2o on libuv in clear (h2c and HTTP/1.1), and a front that relays the
 * path of every request over a hop and answers with what comes back. For measurements only:
 * whatever fails ends the process. */
#pragma once
#include <h2o.h>
#include <uv.h>

enum { FRONT_SLOTS_MAX = 4096 };

/* Ends the process with a message. */
void front_give_up(const char *what) __attribute__((noreturn));

/* Before front_listen(): it is TLS that is spoken, with the gateway's groups. */
void front_use_tls(const char *certificate_path, const char *key_path);

/* Listens on 127.0.0.1:`port`; `on_request` is called on the loop for every request, as h2o calls
 * handlers. */
void front_listen(uv_loop_t *loop, int port, int (*on_request)(h2o_handler_t *, h2o_req_t *));

/* Answers 200 with these bytes, which are copied. */
void front_answer(h2o_req_t *req, const char *body, size_t length);

/* Runs for ever: a front at `port` that relays over the hop at `endpoint`. */
void front_relay(int port, const char *endpoint) __attribute__((noreturn));

/* Starts the other side of the relay in a child that ends with this process. */
void front_fork_back(void (*back)(void *argument), void *argument);
