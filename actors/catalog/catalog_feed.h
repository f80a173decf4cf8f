/* Products as a feed for shopping sites: RSS 2.0 with the names of Google's product data
 * specification (https://support.google.com/merchants/answer/7052112), an item for each variant.
 * Pure. */
#pragma once

#include "actors/catalog/catalog_item.h"

/* What items say beside the product. */
struct catalog_feed {
    const char *market_url, *market_name;
    const char *currency;
    int64_t now_us;
};

/* How a variant is sold. The names of enum catalog_availability are those of the specification. */
struct catalog_feed_stock {
    enum catalog_availability availability;
    int64_t available_on_us; /* 0: no day is known */
};

/* Of a variant that is no bundle. */
struct catalog_feed_stock catalog_feed_stock_of(const struct catalog_item_variant *variant,
                                                int64_t now_us);
/* What stands before the items, and behind them. */
void catalog_feed_head(struct text_builder *file, const struct catalog_feed *feed);
void catalog_feed_tail(struct text_builder *file);
/* The variants that have a price above 0 in the feed's currency, of which `stock` says how each
 * is sold, in their order; a number of zeros only is none; `vendor_name` stands for the brand where
 * the product has no attribute of that key. Characters that XML does not allow are left out, texts
 * cut to what the specification takes; the arena is for what is put together. */
void catalog_feed_item(struct text_builder *file, struct arena *arena,
                       const struct catalog_feed *feed, const struct catalog_item *item,
                       const struct catalog_feed_stock *stock, struct text vendor_name);
