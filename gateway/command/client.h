/* A bus client with the operator's key, as the programs of the command line are: loop, fibers and
 * bus in one. */
#pragma once

#include "messages/schema.h"
#include "runtime/arena.h"
#include "runtime/config.h"
#include "runtime/fiber.h"
#include "runtime/loop.h"

enum {
    CLIENT_ATTEMPT_US = 5 * 1000 * 1000, /* budget of one attempt */
    CLIENT_JOIN_US = 10 * 1000 * 1000,   /* until the agent must have answered */
    CLIENT_PAUSE_MIN_US = 50 * 1000,     /* before the second attempt; doubles */
    CLIENT_PAUSE_MAX_US = 1000 * 1000,
    CLIENT_CREDIT_MESSAGES = 256,
    CLIENT_QUEUE_MAX = 1024,
};

/* Why a message was refused; the texts are in the call's arena and may be empty. */
struct client_fault {
    struct text pointer; /* RFC 6901: the field at fault */
    struct text detail;
};

struct client;

/* Reads the keys of the market under the configured data directory and binds. `program` names the
 * member, with the process id. Statuses: OK, NOT_FOUND (there is no market), FORBIDDEN (its keys
 * are readable by others), CORRUPT (a key is none), UNAVAILABLE (cannot bind). */
MUST_CHECK enum status client_open(const struct config *config, const char *program,
                                   struct client **ret_client);
/* After client_run(), when every fiber has ended. Clears the pointer; NULL is fine. */
void client_close(struct client **client);

struct loop *client_loop(struct client *client);
struct fibers *client_fibers(struct client *client);
/* How long a call repeats itself over outages; 10 s unless told. */
void client_set_patience_us(struct client *client, int64_t patience_us);
/* Calls under way finish their attempt and are not repeated. */
void client_give_up(struct client *client);
bool client_is_giving_up(const struct client *client);

/* Runs `entry(argument)` on a fiber and the loop until that returns. */
void client_run(struct client *client, void (*entry)(void *argument), void *argument);
/* Waits for the agent's first word. WAITS. Statuses: OK, UNAVAILABLE (no market is running),
 * STOPPING. */
MUST_CHECK enum status client_join(struct client *client);
/* Sends a message under a fresh msg_id, the same on every attempt, and repeats it over outages as
 * long as patience lasts. ret_reply is of message->reply and lives in `arena`; ret_fault is filled
 * in on refusals; either may be NULL. WAITS. Statuses: OK, those of client_is_outage(), what the
 * message is refused with, CORRUPT (an answer that is none). */
MUST_CHECK enum status client_call(struct client *client, const struct message *message,
                                   const void *body, struct arena *arena, void *ret_reply,
                                   struct client_fault *ret_fault);
/* True if some node hosts the domain; after client_join(). */
bool client_knows(struct client *client, enum domain domain);
/* The same as client_call() for messages that every domain answers: to the owner of a shard of one
 * of them. */
MUST_CHECK enum status client_call_at(struct client *client, enum domain domain, unsigned shard,
                                      const struct message *message, const void *body,
                                      struct arena *arena, void *ret_reply,
                                      struct client_fault *ret_fault);
/* True for statuses that say nothing about the message: it may have had its effect, or may have it
 * later. */
bool client_is_outage(enum status status);
