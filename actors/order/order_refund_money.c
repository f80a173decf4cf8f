/* Reads where the money of a refund went. */
#include "actors/order/order_refund_money.h"

static enum status read_state(struct text name, enum order_card_refund_state *ret_state)
{
    for (int i = 0; i < (int)ORDER_CARD_REFUND_STATE_COUNT; i++) {
        if (!text_equals_string(name, order_card_refund_state_names[i])) continue;
        *ret_state = (enum order_card_refund_state)i;
        return STATUS_OK;
    }
    return name.length == 0 ? STATUS_OK : STATUS_CORRUPT;
}

enum status order_refund_money_read(struct row *row, const char *currency,
                                    struct order_refund_money *ret_money)
{
    const int64_t total = row_int(row), set_off = row_int(row), waived = row_int(row),
                  manual = row_int(row), card = row_int(row);
    struct order_refund_money money = {
        .total = money_make(total, currency),
        .set_off = money_make(set_off, currency),
        .waived = money_make(waived, currency),
        .refunded = money_make(total - set_off - waived - manual - card, currency),
        .manual = money_make(manual, currency),
        .card = { .amount = money_make(card, currency) },
    };
    TRY(read_state(row_text(row), &money.card.state));
    money.card.code = row_text(row);
    money.card.has_code = money.card.code.length > 0;
    money.settled_at_us = row_int(row);
    money.card.by_bank = money_make(row_int(row), currency);
    money.card.has_by_bank = money.card.by_bank.amount > 0;
    money.refunded.amount -= money.card.by_bank.amount;
    if (card == 0 && money.card.has_by_bank) money.card.state = ORDER_CARD_REFUND_STATE_SUCCEEDED;
    *ret_money = money;
    return STATUS_OK;
}
