/* A promotion as it is kept, and what may stand in one: pure. What it takes off is a
 * struct price_promotion, as price.h reads it; here is what belongs to it besides. */
#pragma once

#include "actors/order/price.h"
#include "order_messages.h"

enum {
    PROMOTION_CODE_MIN = 3,
    PROMOTION_CODE_MAX = 40,
    PROMOTION_GROUPS_MAX = 16,
    PROMOTIONS_KEPT_MAX = 1000,    /* of one owner, but for archived ones */
    PROMOTIONS_AUTOMATIC_MAX = 20, /* of one owner, active, not ended, without code */
};

struct promotion {
    /* Its code is in the normal form, and its group_id means nothing: the customer's groups choose
     * one of group_ids. Selections and texts point to what they were read from. */
    struct price_promotion price;
    struct uuid owner_id; /* zero: the market */
    struct text name, code_typed;
    enum order_promotion_status status;
    char currency[4]; /* of its amounts; "": it has none */
    const struct uuid *group_ids;
    size_t group_ids_count;
    bool has_limit_total, has_limit_per_customer;
    int64_t limit_total, limit_per_customer;
    int64_t held, used;
    int64_t version, created_at_us, updated_at_us;
};

/* Why something is refused. */
struct promotion_fault {
    const char *pointer; /* JSON pointer into the command */
    enum status code;
    const char *detail; /* one sentence */
};

/* Brings a code into its normal form: no white space around it, ASCII letters in capitals; returns
 * its length. False: it is not PROMOTION_CODE_MIN to PROMOTION_CODE_MAX of A-Z, 0-9, - and _. So
 * letters of other scripts, or of full width, that look like these are none. */
bool promotion_code_normalise(struct text typed, char ret_code[PROMOTION_CODE_MAX],
                              size_t *ret_length);
/* Trims the name. False: it is not one to be read. */
bool promotion_set_name(struct promotion *promotion, struct text name);
/* Replaces all terms but the start, which stays where none is sent. Statuses: OK, MISSING_FIELD,
 * INVALID_VALUE, both with the fault, and then the promotion is scratch. */
MUST_CHECK enum status promotion_set_terms(struct promotion *promotion,
                                           const struct order_promotion_terms *terms,
                                           struct promotion_fault *ret_fault);
/* Says who pays. Statuses as above. */
MUST_CHECK enum status promotion_set_bearer(struct promotion *promotion,
                                            enum order_promotion_bearer bearer, bool has_market_ppm,
                                            int64_t market_ppm, struct promotion_fault *ret_fault);
/* Refuses a promotion that could never run: made at `now_us`, it would have ended. Statuses: OK,
 * INVALID_VALUE with the fault. */
MUST_CHECK enum status promotion_check_new(const struct promotion *promotion, int64_t now_us,
                                           struct promotion_fault *ret_fault);

/* It is neither archived nor over. */
bool promotion_may_run(const struct promotion *promotion, int64_t now_us);
/* It takes a place among the PROMOTIONS_AUTOMATIC_MAX. */
bool promotion_is_automatic_now(const struct promotion *promotion, int64_t now_us);

/* As it is answered. */
void promotion_describe(const struct promotion *promotion, struct order_promotion *ret_promotion);
