/* Words about changes of published products that wait for staff. */
#pragma once

#include "tests/support/cmocka.h"

#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all

/* What the claim at hand is about. */
static struct catalog_own_product made;

/* A published product of its own, with approval on from then on. */
static inline int make_product(void **state)
{
    (void)state;
    static unsigned count;
    direct_set(SHELF.market, "--market.product_approval=false");
    const struct text name = text_format(SHELF.arena, "Lamp %u", count++);
    struct catalog_create_product wish = shelf_wish(text_string(SHELF.arena, name));
    made = shelf_make(&wish);
    direct_set(SHELF.market, "--market.product_approval=true");
    return 0;
}

static inline enum status change_as(const struct principal *who,
                                    struct catalog_change_product command,
                                    struct catalog_own_product *ret_product)
{
    command.product_id = made.id;
    return direct_call(SHELF.market, who, &catalog_change_product_message, &command, ret_product);
}

static inline struct catalog_own_product change(struct catalog_change_product command)
{
    struct catalog_own_product product;
    assert_int_equal(change_as(&SHELF.vendor, command, &product), STATUS_OK);
    return product;
}

#define RENAME(text) ((struct catalog_change_product){ .has_name = true, .name = TEXT(text) })

static inline enum status look_at(const struct principal *who,
                                  struct catalog_product_change *ret_change)
{
    const struct catalog_get_own_change query = { .product_id = made.id };
    return direct_call(SHELF.market, who, &catalog_get_own_change_message, &query, ret_change);
}

static inline struct catalog_product_change look(void)
{
    struct catalog_product_change seen;
    assert_int_equal(look_at(&SHELF.vendor, &seen), STATUS_OK);
    return seen;
}

static inline enum status approve(int64_t version, bool accepts)
{
    const struct catalog_approve_change command = { .product_id = made.id,
                                                    .has_accepts_newer = accepts,
                                                    .accepts_newer = accepts,
                                                    .versions = &version,
                                                    .versions_count = version > 0 ? 1 : 0 };
    return direct_call(SHELF.market, &SHELF.staff, &catalog_approve_change_message, &command, NULL);
}

static inline enum status reject(const char *reason)
{
    const struct catalog_reject_change command = { .product_id = made.id,
                                                   .reason = text_of(reason) };
    return direct_call(SHELF.market, &SHELF.staff, &catalog_reject_change_message, &command, NULL);
}

static inline enum status withdraw_as(const struct principal *who)
{
    const struct catalog_withdraw_change command = { .product_id = made.id };
    return direct_call(SHELF.market, who, &catalog_withdraw_change_message, &command, NULL);
}

static inline void assert_name(const char *name)
{
    struct catalog_product seen;
    assert_int_equal(shelf_look(made.id, &seen), STATUS_OK);
    assert_true(text_equals_string(seen.name, name));
    shelf_assert_derived(made.id);
}
