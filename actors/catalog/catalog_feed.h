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

/* What stands before the items, and behind them. */
void catalog_feed_head(struct text_builder *file, const struct catalog_feed *feed);
void catalog_feed_tail(struct text_builder *file);
/* The variants that have a price in the feed's currency; `vendor_name` stands for the brand where
 * the product has no attribute of that key. Characters that XML does not allow are left out, texts
 * cut to what the specification takes; the arena is for what is put together. */
void catalog_feed_item(struct text_builder *file, struct arena *arena,
                       const struct catalog_feed *feed, const struct catalog_item *item,
                       struct text vendor_name);
