/* Cells that several statements of the catalogue select. */
#include "actors/catalog/catalog_row.h"

#include <string.h>

const struct text_pair *catalog_row_options(struct row *row, struct arena *arena, size_t *ret_count)
{
    const struct text *texts;
    const size_t texts_count = row_text_array(row, arena, &texts);
    assert(texts_count % 2 == 0); /* the table's check */
    struct text_pair *pairs = arena_allocate_array(arena, texts_count / 2, sizeof *pairs);
    for (size_t i = 0; i < texts_count / 2; i++)
        pairs[i] = (struct text_pair){ .name = texts[2 * i], .value = texts[2 * i + 1] };
    *ret_count = texts_count / 2;
    return pairs;
}

struct money catalog_row_money(struct row *row)
{
    struct money money = { .amount = row_int(row) };
    const struct text currency = row_text(row);
    assert(currency.length == sizeof money.currency - 1); /* the table's check */
    memcpy(money.currency, currency.data, currency.length);
    return money;
}
