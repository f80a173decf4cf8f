/* The order domain in its real host on a scratch database, between a fake bus, a fake catalogue and
 * a fake wallet. */
#pragma once

#include "actors/host/node.h"
#include "common_messages.h"
#include "tests/actors/order/fake_shop.h"
#include "tests/support/fake_bus.h"
#include "tests/support/scratch_database.h"

struct order_market {
    struct scratch *scratch; /* kept from test to test */
    struct config *config;
    struct loop *loop;
    struct fibers *fibers;
    struct host host;
    struct fake_peers peers;
    struct mesh_keys keys;
    struct shop shop;
    struct arena *arena; /* answers live in it */
    size_t calls;        /* under way */
    bool is_ready;
    const char *client; /* whose address calls come from; NULL: nobody says */
};

/* What a caller got. */
struct answer {
    enum status status;
    int http_status;
    bool is_replayed;
    struct common_problem_detail problem; /* of a refusal */
};

/* One setting more of every market that is made from now on; NULL: none. */
extern const char *market_setting;
void market_new(struct order_market *market);
void market_destroy(struct order_market *market);
/* Starts the node and waits until it is ready; stops it, as a crash would. Rows stay. */
void market_open(struct order_market *market);
void market_close(struct order_market *market);
/* Waits until no saga runs. */
void market_settle(struct order_market *market);

/* One message from a shopper (zero: from another node; of a vendor's message from that vendor),
 * through the whole of dispatch. key 0: without an Idempotency-Key. */
struct call {
    struct order_market *market;
    struct uuid user_id;
    const struct message *message;
    const void *body;
    uint8_t key;
    void *reply; /* filled in when it went well */
    struct answer answer;
};
/* Several at once, side by side. */
void market_call_all(struct order_market *market, struct call *calls, size_t count);
struct answer market_call(struct order_market *market, struct uuid user_id,
                          const struct message *message, const void *body, uint8_t key,
                          void *ret_reply);
int64_t market_number(struct order_market *market, const char *sql);
