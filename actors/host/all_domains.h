/* What a domain may ask of all the others, whatever they are about. */
#pragma once

#include "actors/host/request.h"

/* Takes one node's reply, a struct of the message's, and returns the last of the shards that the
 * node serves; SHARD_COUNT - 1 when one node's word is enough. */
typedef int64_t domain_take(void *context, enum domain domain, const void *reply);

/* Asks every node of a domain, one after the other: the next question goes to the owner of the
 * shard behind. The message is one of messages/host.toml. WAITS. Statuses: those of request_ask();
 * those before the first that refuses have done it. */
MUST_CHECK enum status domain_ask(struct request *request, enum domain domain,
                                  const struct message *message, const void *body,
                                  domain_take *take, void *context);
/* Asks the owner of one shard. WAITS. Statuses: those of request_ask(). */
MUST_CHECK enum status domain_ask_owner(struct request *request, enum domain domain, unsigned shard,
                                        const struct message *message, const void *body,
                                        void *ret_reply);
/* False for what is no domain of the market. */
bool domain_is_served(enum domain domain);
/* The same of every domain. */
MUST_CHECK enum status all_domains_ask(struct request *request, const struct message *message,
                                       const void *body, domain_take *take, void *context);
