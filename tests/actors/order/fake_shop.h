/* A scripted catalogue and wallet, and what is known of the shopper: they keep stock and money as
 * the real ones do (set aside, taken, given back, tombstones), and fail when told to. */
#pragma once

#include "catalog_messages.h"
#include "payment_messages.h"
#include "runtime/arena.h"
#include "runtime/envelope.h"
#include "tests/actors/order/fake_card.h"
#include "user_messages.h"
#include "wallet_messages.h"

enum {
    SHOP_VARIANTS_MAX = 8,
    SHOP_MARKS_MAX = 64,
    SHOP_CARD_REFUNDS_MAX = 4096,
    SHOP_FAILURES_MAX = 8,
    SHOP_PARTS_MAX = 3,
    FOR_EVER = 1000000
};

enum mark_state { MARK_HELD, MARK_TAKEN, MARK_RELEASED };

/* Something that can be set aside: units of a variant, money of a wallet. */
struct account {
    int64_t amount;
    struct {
        struct uuid id;
        int64_t amount;
        int64_t given_back; /* of what was taken */
        enum mark_state state;
    } marks[SHOP_MARKS_MAX];
    size_t marks_count;
};

struct shop_variant {
    struct uuid id, product_id, vendor_id;
    const char *vendor_name, *name;
    const char *currency; /* of its only price; NULL: EUR */
    int64_t price;
    struct uuid group_id, list_id; /* the price of this group, by that list; zero: none */
    int64_t group_price;
    bool is_hidden, is_vendor_closed;
    int64_t shown_available; /* what offers pretend; -1: the truth */
    int64_t ahead;           /* units that are sold beyond those that are there */
    int64_t available_on_us; /* in pre-order: its day */
    struct catalog_bundle_part parts[SHOP_PARTS_MAX]; /* of a bundle */
    size_t parts_count;
    struct account stock;
};

/* What cards have paid, of all groups together, and what went back to them. */
struct shop_cards {
    bool is_not_captured;              /* it is only set aside so far */
    int64_t captured, given_back;      /* what failed is not given back */
    int64_t outside;                   /* went back without a refund of ours */
    int64_t disputed;                  /* a bank holds it, or has taken it back: */
    int64_t lost;                      /* so much of it for good */
    enum payment_refund_state becomes; /* of refunds, from the next look on */
    const char *code;                  /* why they fail */
    struct {
        struct uuid id;
        int64_t amount;
        enum payment_refund_state state;
    } refunds[SHOP_CARD_REFUNDS_MAX];
    size_t refunds_count;
    size_t asked; /* how often one was asked for, again too */
};

struct shop_failure {
    const struct message *message;
    enum status status;
    unsigned skip, times; /* passes, then fails so often */
    bool is_answer_lost;  /* it does happen, but nobody hears of it */
    int64_t advance_us;   /* market time that it costs */
};

struct shop {
    struct shop_variant variants[SHOP_VARIANTS_MAX];
    size_t variants_count;
    size_t moves, moves_asked; /* so often another stock version when asked what is owed */
    struct uuid user_id;
    const char *verified_email; /* of the shopper; NULL: not verified */
    bool is_shopper_blocked;
    struct uuid demoted_id; /* of the staff: who may do nothing any more */
    struct account wallet;
    struct fake_card card;
    struct shop_cards cards;
    struct uuid backs[SHOP_MARKS_MAX];    /* refunds and restocks that have happened */
    struct uuid backs_of[SHOP_MARKS_MAX]; /* of a restock: of which variant */
    size_t backs_count;
    struct shop_failure failures[SHOP_FAILURES_MAX];
    size_t failures_count;
    int64_t market_offset_us;
};

int64_t account_available(const struct account *account);
void shop_fail(struct shop *shop, struct shop_failure failure);
/* As fake_peers.answer. */
enum status shop_answer(void *context, const struct envelope *request, struct arena *arena,
                        struct envelope *ret_reply);
