/* Cells that several statements of the catalogue select. */
#include "actors/catalog/catalog_row.h"

#include <string.h>

struct money catalog_row_money(struct row *row)
{
    struct money money = { .amount = row_int(row) };
    const struct text currency = row_text(row);
    assert(currency.length == sizeof money.currency - 1); /* the table's check */
    memcpy(money.currency, currency.data, currency.length);
    return money;
}
