/* A client of the bus, proved by the operator's key, as the programs of the command line are: loop,
 * fibers and bus in one. */
#pragma once

#include "messages/schema.h"
#include "runtime/arena.h"
#include "runtime/config.h"
#include "runtime/fiber.h"
#include "runtime/loop.h"

enum {
    CLIENT_ATTEMPT_US = 5 * 1000 * 1000, /* for an answer to one attempt */
    CLIENT_JOIN_US = 10 * 1000 * 1000,   /* for the agent to tell who the members are */
    CLIENT_PAUSE_MIN_US = 50 * 1000,     /* before the second attempt; doubles with each */
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

/* Reads the keys of the market in the configured data directory and opens the bus; root becomes the
 * market's user before that. `program` names the member, with the process id. Statuses: OK,
 * NOT_FOUND (there is no market), FORBIDDEN (others can read its keys), CORRUPT (a key has the
 * wrong size), UNAVAILABLE (cannot listen). */
MUST_CHECK enum status client_open(const struct config *config, const char *program,
                                   struct client **ret_client);
/* Closes the bus and frees all, after client_run(), when every fiber has ended. Clears the pointer,
 * which may be NULL. */
void client_close(struct client **client);

/* Its loop and its fibers, which stay the client's. */
struct loop *client_loop(struct client *client);
struct fibers *client_fibers(struct client *client);
/* How long a call is repeated over outages; CLIENT_JOIN_US unless told. */
void client_set_patience_us(struct client *client, int64_t patience_us);
/* How long one attempt waits for its answer; CLIENT_ATTEMPT_US unless told. */
void client_set_attempt_us(struct client *client, int64_t attempt_us);
/* Ends what the client waits for: calls under way finish their attempt and are not repeated. May be
 * called in a callback of the loop. */
void client_give_up(struct client *client);
bool client_is_giving_up(const struct client *client);

/* Runs `entry(argument)` on a fiber, and the loop until it returns. */
void client_run(struct client *client, void (*entry)(void *argument), void *argument);
/* Waits until the agent has told who the members are. WAITS. Statuses: OK, UNAVAILABLE (no market
 * is running), OVERLOADED (one is, but it has no place for another client), STOPPING (the client
 * gives up). */
MUST_CHECK enum status client_join(struct client *client);
/* Sends a message under a new msg_id and repeats it under the same one over outages, so that it has
 * its effect once. `ret_reply` is the struct of message->reply, with its texts in `arena`;
 * `ret_fault` is set on refusals; either may be NULL. WAITS. Statuses: OK, those of
 * client_is_outage(), what the message is refused with, CORRUPT (the answer is not such a reply).
 */
MUST_CHECK enum status client_call(struct client *client, const struct message *message,
                                   const void *body, struct arena *arena, void *ret_reply,
                                   struct client_fault *ret_fault);
/* What a caller calls a message, so that he can repeat it from another process, too. */
struct client_name {
    struct uuid msg_id; /* of the message with all that it says */
    struct uuid key;    /* of what is meant to be done once, whatever it says */
};
/* The same under a name: a repeat gets the first answer, another message under the same key is
 * IDEMPOTENCY_KEY_REUSED. */
MUST_CHECK enum status client_call_as(struct client *client, struct client_name name,
                                      const struct message *message, const void *body,
                                      struct arena *arena, void *ret_reply,
                                      struct client_fault *ret_fault);
/* True if some node hosts the domain; after client_join(). */
bool client_knows(struct client *client, enum domain domain);
/* The same as client_call() for messages that every domain answers: to the owner of a shard of one
 * of them. */
MUST_CHECK enum status client_call_at(struct client *client, enum domain domain, unsigned shard,
                                      const struct message *message, const void *body,
                                      struct arena *arena, void *ret_reply,
                                      struct client_fault *ret_fault);
/* True for statuses that say nothing about the message: it may have had its effect already, or may
 * have it later. */
bool client_is_outage(enum status status);
