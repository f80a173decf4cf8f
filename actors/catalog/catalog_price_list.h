/* Price lists of groups of customers: what may stand in one. Pure. Texts and lists are lent. */
#pragma once

#include "actors/catalog/catalog_price.h"
#include "catalog_messages.h"

enum {
    CATALOG_PRICE_LISTS_MAX = 100,        /* of one owner */
    CATALOG_PRICE_LIST_GROUPS_MAX = 5,    /* of one list */
    CATALOG_PRICE_LIST_PRICES_MAX = 5000, /* of one list */
    CATALOG_PRICE_LIST_WISHES_MAX = 100,  /* of one message */
    CATALOG_VARIANT_LISTED_MAX = 20,      /* prices of one variant, in all lists */
    CATALOG_PRICE_LIST_FROM_QUANTITY = 1, /* unless it is said */
};

/* As a row has it. */
struct catalog_price_list_row {
    struct uuid id, vendor_id; /* vendor_id zero: the market's */
    struct text name;
    const struct uuid *group_ids;
    size_t group_ids_count;
    struct text currency;
    int64_t starts_us, ends_us; /* 0: since ever; CATALOG_SALE_FOR_GOOD: for good */
    bool is_active;
    int64_t prices; /* how many it has */
    int64_t version, created_us, updated_us;
};

/* What is wrong with its groups or its time, or NULL; `ret_field` is the name of the field. */
const char *catalog_price_list_fault(const struct catalog_price_list_row *list,
                                     const char **ret_field);

/* A variant as a list looks at it. */
struct catalog_listed_variant {
    struct uuid id, vendor_id;
    bool is_sold;              /* it can be bought, and its product is not deleted */
    int64_t list_amount;       /* in the list's currency; below 0: none */
    int64_t elsewhere;         /* its prices in other lists */
    const int64_t *quantities; /* of its prices in this list */
    size_t quantities_count;
};

/* What a wish does to the list. */
enum catalog_wish_effect {
    CATALOG_WISH_ADDS,
    CATALOG_WISH_CHANGES,
    CATALOG_WISH_REMOVES,
    CATALOG_WISH_KEEPS, /* there is nothing that could go */
};

/* Judges wish `index` of a list, when those before it have been done; `variant` is NULL if nobody
 * knows it, `has_room` says whether the list may have one more. Returns what is wrong, or NULL; a
 * refused wish does nothing. `ret_status` and `ret_field` (of the wish) go with it. */
const char *catalog_price_wish_fault(const struct catalog_price_list_row *list,
                                     const struct catalog_price_wish *wishes, size_t index,
                                     const struct catalog_listed_variant *variant, bool has_room,
                                     enum status *ret_status, const char **ret_field,
                                     enum catalog_wish_effect *ret_effect);
int64_t catalog_price_wish_quantity(const struct catalog_price_wish *wish);
