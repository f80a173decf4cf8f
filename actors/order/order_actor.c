/* What happens to a cart before it is checked out, and the definition of the domain. */
#include <string.h>

#include "actors/host/domain.h"
#include "actors/host/market_currency.h"
#include "actors/host/trim.h"
#include "actors/order/cart_answer.h"
#include "actors/order/cart_reminder.h"
#include "actors/order/cart_store.h"
#include "actors/order/checkout_saga.h"
#include "actors/order/claim_office.h"
#include "actors/order/invoice_reminder.h"
#include "actors/order/late_payment.h"
#include "actors/order/order_edit_saga.h"
#include "actors/order/order_guest.h"
#include "actors/order/order_life_recall.h"
#include "actors/order/order_refund_pursue.h"
#include "actors/order/order_token.h"
#include "actors/order/promotion_redeem.h"
#include "actors/order/replacement.h"
#include "actors/order/return_office.h"
#include "actors/order/shipment_arrival.h"
#include "order_handlers.h"

/* A guest has no account to find the cart by, so this answer is the only one that tells its token.
 */
static enum status open_guest_cart(struct request *request, const char *currency,
                                   struct order_cart *ret_reply)
{
    const struct catalog_offers offers = { 0 };
    const struct cart *cart = cart_store_create(request, (struct uuid){ 0 }, currency);
    TRY(cart_answer(request, cart, &offers, ret_reply));
    ret_reply->has_token = true;
    ret_reply->token = guest_token(request, GUEST_TOKEN_CART, cart->id);
    return STATUS_OK;
}

/* A currency that the shopper does not ask for is no reason to change the cart's, unless nothing
 * can be ordered in that any more. What is being checked out stays as it is. */
static bool must_move(struct request *request, const struct order_create_cart *command,
                      const struct cart *cart, const char *currency)
{
    if (strcmp(cart->currency, currency) == 0) return false;
    if (command->has_currency) return true;
    return cart->status == ORDER_CART_STATUS_ACTIVE &&
           !market_sells_in(request_config(request), text_of(cart->currency));
}

/* Not seen here is a cart that an earlier message has made whose unit is still queued; the unique
 * index on active carts then makes this handler run again. */
enum status order_handle_create_cart(struct request *request,
                                     const struct order_create_cart *command,
                                     struct order_cart *ret_reply)
{
    char currency[4];
    TRY(cart_choose_currency(request, command->has_currency, command->currency, currency));
    if (request_principal(request)->kind == PRINCIPAL_NONE)
        return open_guest_cart(request, currency, ret_reply);
    const struct uuid user_id = request_principal(request)->id;
    struct cart *cart;
    const enum status found = cart_store_find_active(request, user_id, &cart);
    struct catalog_offers offers = { 0 };
    if (found == STATUS_OK && must_move(request, command, cart, currency)) {
        request_set_http_status(request, 200);
        return cart_ask_move(request, cart, currency, ret_reply);
    }
    if (found == STATUS_OK) {
        TRY(cart_ask_offers_in(request, cart, NULL, LANGUAGE_OF(command), &offers));
        request_set_http_status(request, 200);
        return cart_answer(request, cart, &offers, ret_reply);
    }
    if (found != STATUS_NOT_FOUND) return found;
    return cart_answer(request, cart_store_create(request, user_id, currency), &offers, ret_reply);
}

enum status order_handle_add_line(struct request *request, const struct order_add_line *command,
                                  struct order_cart *ret_reply)
{
    struct cart *cart;
    TRY(cart_load_for_change(request, CART_CHANGE_OF(command), &cart));
    return cart_add_and_answer(request, cart, command->variant_id, command->quantity,
                               LANGUAGE_OF(command), ret_reply);
}

enum status order_handle_change_line(struct request *request,
                                     const struct order_change_line *command,
                                     struct order_cart *ret_reply)
{
    struct cart *cart;
    TRY(cart_load_for_change(request, CART_CHANGE_OF(command), &cart));
    struct cart_line *line = cart_find_line(cart, command->line_id);
    if (line == NULL) return STATUS_NOT_FOUND;
    struct catalog_offers offers;
    TRY(cart_ask_offers_in(request, cart, NULL, LANGUAGE_OF(command), &offers));

    const struct catalog_offer *offer = cart_find_offer(&offers, line->variant_id);
    const enum status status = cart_set_units(line, offer, command->quantity);
    if (status == STATUS_INSUFFICIENT_STOCK)
        cart_explain_shortage(request, command->quantity, offer == NULL ? 0 : offer->available);
    TRY(status);

    return cart_put_and_answer(request, cart, line, &offers, ret_reply);
}

enum status order_handle_remove_line(struct request *request,
                                     const struct order_remove_line *command,
                                     struct order_cart *ret_reply)
{
    struct cart *cart;
    TRY(cart_load_for_change(request, CART_CHANGE_OF(command), &cart));
    struct cart_line *line = cart_find_line(cart, command->line_id);
    if (line == NULL) return STATUS_NOT_FOUND;

    cart_remove_line(cart, line);
    cart_store_remove_line(request, cart, command->line_id);
    struct catalog_offers offers;
    TRY(cart_ask_offers_in(request, cart, NULL, LANGUAGE_OF(command), &offers));
    return cart_answer(request, cart, &offers, ret_reply);
}

/* Orders and their group stay; the group keeps the id of its cart, so that no cart is placed twice.
 */
static const struct statement trim_carts = {
    .name = "order_trim_carts",
    .sql = "WITH old AS (SELECT id FROM \"order\".cart WHERE status = 'ordered' "
           "AND created_at < $1 AND updated_at < $1 AND shard BETWEEN $2 AND $3 LIMIT $4), "
           "l AS (DELETE FROM \"order\".cart_line l USING old WHERE l.cart_id = old.id), "
           "d AS (DELETE FROM \"order\".draft d USING old WHERE d.cart_id = old.id), "
           "gone AS (DELETE FROM \"order\".cart c USING old WHERE c.id = old.id RETURNING 1) "
           "SELECT count(*) FROM gone",
};

/* A group has the shard of its cart in the last bits of its id. */
static const struct statement trim_groups = {
    .name = "order_trim_groups",
    .sql = "WITH gone AS (DELETE FROM \"order\".order_group WHERE id = ANY (ARRAY("
           "SELECT id FROM \"order\".order_group WHERE status = 'failed' AND created_at < $1 "
           "AND (get_byte(uuid_send(id), 15) & 63) BETWEEN $2 AND $3 LIMIT $4)) RETURNING id), "
           "a AS (DELETE FROM \"order\".group_address a USING gone WHERE a.group_id = gone.id) "
           "SELECT count(*) FROM gone",
};

static enum status forget_what_has_ended(struct request *request, unsigned shard_first,
                                         unsigned shard_last)
{
    TRY(request_trim(request, &trim_carts, SETTING_RETENTION_CARTS, shard_first, shard_last));
    TRY(request_trim(request, &trim_groups, SETTING_RETENTION_CARTS, shard_first, shard_last));
    return promotion_sweep_old(request, shard_first, shard_last);
}

static const struct saga_kind *const order_sagas[] = {
    &checkout_saga_1, &checkout_saga,    &checkout_card_saga, &recall_saga_1,     &recall_saga_2,
    &recall_saga_3,   &recall_saga,      &replacement_saga,   &order_edit_saga_1, &order_edit_saga
};

/* Returns that fail keep no claim waiting. */
static enum status settle_what_went_wrong(struct request *request, unsigned shard_first,
                                          unsigned shard_last)
{
    const enum status returns = return_sweep_due(request, shard_first, shard_last);
    const enum status claims = claim_sweep_due(request, shard_first, shard_last);
    return returns != STATUS_OK ? returns : claims;
}

static const struct domain_sweep order_sweeps[] = {
    { .name = "order_guest_carts", .every_us = 10 * 1000000LL, .run = order_sweep_guest_carts },
    { .name = "order_guest_addresses",
      .every_us = 10 * 1000000LL,
      .run = order_sweep_guest_addresses },
    { .name = "order_old_carts", .every_us = 60 * 1000000LL, .run = forget_what_has_ended },
    { .name = "order_overdue_redemptions", .every_us = 1000000LL, .run = promotion_sweep_overdue },
    { .name = "order_due_shipments", .every_us = 1000000LL, .run = shipment_sweep_due },
    { .name = "order_due_orders", .every_us = 1000000LL, .run = order_life_sweep_due },
    { .name = "order_due_returns", .every_us = 1000000LL, .run = settle_what_went_wrong },
    { .name = "order_invoices_due", .every_us = 10 * 1000000LL, .run = invoice_reminder_sweep },
    { .name = "order_late_payments", .every_us = 1000000LL, .run = late_payment_sweep },
    { .name = "order_refunds", .every_us = 1000000LL, .run = order_refund_sweep },
    { .name = "order_carts_left", .every_us = 10 * 1000000LL, .run = cart_reminder_sweep },
};

/* ---- what must hold ---- */

/* Of the check "order.x", which are those that check_x() unites. */
static const struct statement rules = {
    .name = "order_rules",
    .sql = "SELECT r FROM \"order\".rules_of('check_' || split_part($1, '.', 2)) AS r",
};

/* Of a rule. */
static const struct statement broken = {
    .name = "order_broken",
    .sql = "SELECT invariant, id FROM \"order\".broken($2, $1)",
};

static const struct statement orders_rows = {
    .name = "order_orders_rows",
    .sql = "SELECT count(*) FROM \"order\".vendor_order",
};

static const struct statement prices_rows = {
    .name = "order_prices_rows",
    .sql = "SELECT count(*) FROM \"order\".order_line",
};

static const struct statement promotions_rows = {
    .name = "order_promotions_rows",
    .sql = "SELECT count(*) FROM \"order\".redemption",
};

/* What came from wallets: of each group all but what is owed outside of them or paid by a card, and
 * what buyers have paid for edits of it, by holds of their own. */
static const struct statement purchases = {
    .name = "order_purchases",
    .sql = "WITH e AS (SELECT o.group_id, o.currency, (e.total - e.given_back)::bigint AS paid "
           "FROM \"order\".order_edit e JOIN \"order\".vendor_order o ON o.id = e.order_id "
           "WHERE e.status = 'applied' AND e.payment = 'wallet' AND e.total > e.given_back), "
           "p AS (SELECT g.currency, "
           "g.total - g.on_delivery - g.card_amount - coalesce(s.paid, 0) AS amount "
           "FROM \"order\".order_group g LEFT JOIN (SELECT e.group_id, sum(e.paid) AS paid "
           "FROM e GROUP BY e.group_id) s ON s.group_id = g.id WHERE g.status = 'placed' "
           "UNION ALL SELECT e.currency, e.paid FROM e) "
           "SELECT currency, count(*), sum(amount)::bigint FROM p WHERE amount > 0 "
           "GROUP BY currency ORDER BY currency",
};

/* What goes back to wallets of what they have paid: all but what is not asked for any more, handed
 * back, or a card's, by each hold that has paid of it. */
static const struct statement refunds = {
    .name = "order_refunds",
    .sql = "WITH f AS (SELECT r.order_id, r.total - r.set_off - r.waived - r.manual - r.card "
           "- r.card_to_wallet - r.by_bank - coalesce(s.amount, 0) AS amount FROM \"order\".order_refund r "
           "LEFT JOIN (SELECT h.refund_id, "
           "sum(h.amount) AS amount FROM \"order\".order_refund_hold h GROUP BY h.refund_id) s "
           "ON s.refund_id = r.id "
           "UNION ALL SELECT r.order_id, h.amount FROM \"order\".order_refund_hold h "
           "JOIN \"order\".order_refund r ON r.id = h.refund_id) "
           "SELECT o.currency, count(*), sum(f.amount)::bigint FROM f "
           "JOIN \"order\".vendor_order o ON o.id = f.order_id WHERE f.amount > 0 "
           "GROUP BY o.currency ORDER BY o.currency",
};

static const struct statement lives_rows = {
    .name = "order_lives_rows",
    .sql = "SELECT count(*) FROM \"order\".order_history",
};

static const struct statement shipments_rows = {
    .name = "order_shipments_rows",
    .sql = "SELECT count(*) FROM \"order\".shipment",
};

static const struct statement returns_rows = {
    .name = "order_returns_rows",
    .sql = "SELECT count(*) FROM \"order\".order_return",
};

static const struct statement claims_rows = {
    .name = "order_claims_rows",
    .sql = "SELECT count(*) FROM \"order\".order_claim",
};

static const struct statement drafts_rows = {
    .name = "order_drafts_rows",
    .sql = "SELECT count(*) FROM \"order\".draft",
};

static const struct statement late_payments_rows = {
    .name = "order_late_payments_rows",
    .sql = "SELECT count(*) FROM \"order\".late_payment",
};

static const struct statement cards_rows = {
    .name = "order_cards_rows",
    .sql = "SELECT count(*) FROM \"order\".order_group WHERE card_amount > 0",
};

static const struct domain_check order_checks[] = {
    { .name = "order.orders",
      .covers =
          "I4 a group is the sum of its orders, an order that of its lines; one order per cart",
      .rules = &rules,
      .violations = &broken,
      .compared = &orders_rows },
    { .name = "order.prices",
      .covers = "I4 discounts, deliveries and taxes of an order are the sums of their shares; what "
                "went back of it is that of the units that went back, and never more than was paid",
      .rules = &rules,
      .violations = &broken,
      .compared = &prices_rows },
    { .name = "order.lives",
      .covers = "I9 the history of each order and parcel is a legal path without gaps, and how far "
                "orders and groups have come is what their units say",
      .rules = &rules,
      .violations = &broken,
      .compared = &lives_rows },
    { .name = "order.shipments",
      .covers = "I9 units that are packed, shipped and delivered are those of the order's parcels",
      .rules = &rules,
      .violations = &broken,
      .compared = &shipments_rows },
    { .name = "order.returns",
      .covers = "I9 units that are returned have arrived, and are counted as they were received",
      .rules = &rules,
      .violations = &broken,
      .compared = &returns_rows },
    { .name = "order.claims",
      .covers = "I9 what is granted of a claim was claimed, and is refunded or sent again",
      .rules = &rules,
      .violations = &broken,
      .compared = &claims_rows },
    { .name = "order.drafts",
      .covers =
          "I4 what staff prepares is a cart of the customer whom it is for, and is paid from no "
          "wallet when staff places it",
      .rules = &rules,
      .violations = &broken,
      .compared = &drafts_rows },
    { .name = "order.late_payments",
      .covers = "I4 money that comes too late is of a checkout that ended without it",
      .rules = &rules,
      .violations = &broken,
      .compared = &late_payments_rows },
    { .name = "order.cards",
      .covers = "I4 what a card pays of a group is paid of its orders, and by its buyer",
      .rules = &rules,
      .violations = &broken,
      .compared = &cards_rows },
    { .name = "order.promotions",
      .covers = "I7 what is held and used of a promotion is within its limit, and is counted right",
      .rules = &rules,
      .violations = &broken,
      .compared = &promotions_rows },
};

static const struct domain_figure order_figures[] = { { "purchases", &purchases },
                                                      { "refunds", &refunds } };

/* By which vendors and staff moved orders. */
static const struct statement order_decisions = {
    .name = "order_decisions",
    .sql = "SELECT request_id FROM \"order\".order_history "
           "WHERE actor_kind IN ('vendor', 'staff') AND request_id <> '' "
           "AND at < $2 GROUP BY request_id ORDER BY max(at) DESC LIMIT $1",
};

const struct domain_definition order_domain = {
    .dispatch = &order_dispatch,
    .sweeps = order_sweeps,
    .sweeps_count = ARRAY_LENGTH(order_sweeps),
    .sagas = order_sagas,
    .sagas_count = ARRAY_LENGTH(order_sagas),
    .checks = order_checks,
    .checks_count = ARRAY_LENGTH(order_checks),
    .figures = order_figures,
    .figures_count = ARRAY_LENGTH(order_figures),
    .decisions = &order_decisions,
};
