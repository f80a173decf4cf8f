/* One item of a vendor's bulk edit: prices, stock, category and where the product stands, in one
 * unit. */
#include <string.h>

#include "actors/catalog/catalog_change.h"
#include "actors/catalog/catalog_edit.h"
#include "actors/catalog/catalog_news.h"
#include "actors/catalog/catalog_store.h"
#include "actors/host/market_currency.h"
#include "catalog_handlers.h"

/* What an item makes of the product. */
struct change {
    struct request *request;
    const struct catalog_product_edit *edit;
    struct catalog_item item;
    struct catalog_item_variant *variants;     /* the item's, which may be changed */
    int64_t before[CATALOG_ITEM_VARIANTS_MAX]; /* what there was of each in stock */
    bool is_priced, is_moved; /* is_moved: where it is listed or stands is another */
    bool is_archived;
    struct catalog_draft draft;
};

/* ---- variants ---- */

/* A copy of its prices that may be changed, with room for one more. */
static struct catalog_item_price *copy_prices(struct request *request,
                                              const struct catalog_item_variant *variant)
{
    struct catalog_item_price *prices =
        arena_allocate_array(request_arena(request), variant->prices_count + 1, sizeof *prices);
    memcpy(prices, variant->prices, variant->prices_count * sizeof *prices);
    return prices;
}

static enum status set_price(struct change *change, struct text at, struct money price,
                             struct catalog_item_variant *variant)
{
    struct catalog_item_price *prices = copy_prices(change->request, variant);
    size_t i = 0;
    while (i < variant->prices_count && !money_same_currency(prices[i].price, price))
        i++;
    if (i == CATALOG_ITEM_PRICES_MAX)
        return catalog_edit_refuse_at(change->request, at, "price", STATUS_INVALID_VALUE,
                                      "It has as many prices as it may have.");
    if (i == variant->prices_count &&
        !market_sells_in(request_config(change->request), text_of(price.currency)))
        return catalog_edit_refuse_currency(change->request, at, "price", price);
    if (i == variant->prices_count)
        prices[variant->prices_count++] =
            (struct catalog_item_price){ .compare_at = CATALOG_ITEM_NONE };
    prices[i].price = price;
    variant->prices = prices;
    return STATUS_OK;
}

static void drop_compare_at(struct change *change, struct catalog_item_variant *variant)
{
    struct catalog_item_price *prices = copy_prices(change->request, variant);
    for (size_t i = 0; i < variant->prices_count; i++)
        prices[i].compare_at = CATALOG_ITEM_NONE;
    variant->prices = prices;
}

static enum status refuse_below_held(struct change *change, struct text at,
                                     const struct catalog_item_variant *variant)
{
    const struct text detail =
        text_format(request_arena(change->request),
                    "%lld units are reserved; there cannot be fewer.", (long long)variant->held);
    return catalog_edit_refuse_at(change->request, at, "stock", STATUS_INSUFFICIENT_STOCK,
                                  detail.data);
}

static enum status edit_variant(struct change *change, struct text at,
                                const struct catalog_variant_edit *edit,
                                struct catalog_item_variant *variant)
{
    struct request *request = change->request;
    const bool drops = edit->has_remove_compare_at_price && edit->remove_compare_at_price;
    if (drops && edit->has_compare_at_price)
        return catalog_edit_refuse_at(request, at, "remove_compare_at_price", STATUS_INVALID_VALUE,
                                      "A price before a reduction is either given or removed.");
    if (edit->has_price) TRY(set_price(change, at, edit->price, variant));
    if (drops) drop_compare_at(change, variant);
    if (edit->has_compare_at_price)
        TRY(catalog_edit_set_compare_at(request, at, edit->compare_at_price, variant));
    if (edit->has_price || drops || edit->has_compare_at_price) {
        TRY(catalog_edit_check_prices(request, at, "price", variant));
        change->is_priced = true;
    }
    if (!edit->has_stock) return STATUS_OK;
    if (variant->is_bundle)
        return catalog_edit_refuse_at(request, at, "stock", STATUS_VARIANT_IS_BUNDLE, NULL);
    if (edit->stock == (variant->on_hand > 0 ? variant->on_hand : 0)) return STATUS_OK;
    if (edit->stock < variant->on_hand && edit->stock < variant->held - variant->ahead.limit)
        return refuse_below_held(change, at, variant);
    variant->on_hand = edit->stock;
    return STATUS_OK;
}

/* What stands beside the product is of its only variant. */
static enum status edit_only_variant(struct change *change)
{
    const struct catalog_product_edit *edit = change->edit;
    const struct catalog_variant_edit of_it = {
        .has_price = edit->has_price,
        .price = edit->price,
        .has_compare_at_price = edit->has_compare_at_price,
        .compare_at_price = edit->compare_at_price,
        .has_remove_compare_at_price = edit->has_remove_compare_at_price,
        .remove_compare_at_price = edit->remove_compare_at_price,
        .has_stock = edit->has_stock,
        .stock = edit->stock,
    };
    const bool is_sent = edit->has_price || edit->has_compare_at_price ||
                         edit->has_remove_compare_at_price || edit->has_stock;
    if (!is_sent) return STATUS_OK;
    if (change->item.variants_count != 1)
        return request_refuse(change->request, "/variants", STATUS_INVALID_VALUE,
                              "The product has several variants: say which is meant.");
    return edit_variant(change, (struct text){ 0 }, &of_it, &change->variants[0]);
}

static enum status edit_variants(struct change *change)
{
    const struct catalog_product_edit *edit = change->edit;
    for (size_t i = 0; i < edit->variants_count; i++) {
        const struct text at = text_format(request_arena(change->request), "/variants/%zu", i);
        const struct uuid id = edit->variants[i].variant_id;
        size_t place = 0;
        bool is_repeated = false;
        while (place < change->item.variants_count && !uuid_equals(change->variants[place].id, id))
            place++;
        for (size_t k = 0; k < i; k++)
            is_repeated = is_repeated || uuid_equals(edit->variants[k].variant_id, id);
        if (place == change->item.variants_count)
            return catalog_edit_refuse_at(change->request, at, "variant_id", STATUS_NOT_FOUND,
                                          "The product has no such variant.");
        if (is_repeated)
            return catalog_edit_refuse_at(change->request, at, "variant_id", STATUS_INVALID_VALUE,
                                          "The variant stands twice in this item.");
        TRY(edit_variant(change, at, &edit->variants[i], &change->variants[place]));
    }
    return STATUS_OK;
}

/* ---- the product ---- */

static enum status move_category(struct change *change)
{
    const struct catalog_product_edit *edit = change->edit;
    if (!edit->has_category_id) return STATUS_OK;
    if (uuid_equals(edit->category_id, change->item.category_id) && !change->item.has_change)
        return STATUS_OK;
    TRY(catalog_change_lay(change->request, &change->item, &change->draft));
    change->is_moved = true;
    return catalog_edit_set_category(change->request, edit->category_id, &change->item);
}

static enum status move_status(struct change *change)
{
    static const struct {
        enum catalog_product_status is;
        enum catalog_move move;
    } moves[CATALOG_EDIT_STATUS_COUNT] = {
        [CATALOG_EDIT_STATUS_PUBLISHED] = { CATALOG_PRODUCT_STATUS_PUBLISHED,
                                            CATALOG_MOVE_PUBLISH },
        [CATALOG_EDIT_STATUS_HIDDEN] = { CATALOG_PRODUCT_STATUS_HIDDEN, CATALOG_MOVE_HIDE },
        [CATALOG_EDIT_STATUS_ARCHIVED] = { CATALOG_PRODUCT_STATUS_ARCHIVED, CATALOG_MOVE_ARCHIVE },
    };
    const struct catalog_product_edit *edit = change->edit;
    if (!edit->has_status || change->item.status == moves[edit->status].is) return STATUS_OK;
    TRY(catalog_edit_move(change->request, &change->item, moves[edit->status].move));
    if (edit->status == CATALOG_EDIT_STATUS_PUBLISHED)
        TRY(catalog_edit_check_standing(change->request, change->item.vendor_id));
    change->is_archived = edit->status == CATALOG_EDIT_STATUS_ARCHIVED;
    if (change->is_archived)
        TRY(catalog_edit_require_none_owed(change->request, change->item.variants,
                                           change->item.variants_count));
    change->is_moved = true;
    return STATUS_OK;
}

/* ---- writing ---- */

static bool save_stock(struct change *change)
{
    bool is_changed = false;
    for (size_t i = 0; i < change->item.variants_count; i++) {
        const struct catalog_item_variant *variant = &change->variants[i];
        const int64_t delta = variant->on_hand - change->before[i];
        if (delta == 0) continue;
        catalog_store_put_level(change->request, variant->id, variant->on_hand,
                                variant->stock_version, delta);
        is_changed = true;
    }
    return is_changed;
}

static enum status save_change(struct change *change)
{
    struct request *request = change->request;
    struct catalog_item *item = &change->item;
    const bool is_stocked = save_stock(change);
    if (!change->is_priced && !change->is_moved)
        return is_stocked ? catalog_news_of_product(request, item->id, catalog_item_is_listed(item))
                          : STATUS_OK;
    size_t added;
    TRY(catalog_edit_check_size(request, item));
    TRY(catalog_change_stage(request, &change->draft, item, &added));
    TRY(catalog_item_store_save(request, item));
    if (change->is_archived) {
        catalog_item_store_free_skus(request, item);
        catalog_change_store_withdraw(request, item->id);
    } else if (change->is_priced) {
        catalog_item_store_save_variants(request, item);
    }
    return STATUS_OK;
}

static enum status open_change(struct change *change, const struct catalog_edit_product *command)
{
    const struct versions versions = { &command->edit.version, command->edit.has_version ? 1 : 0 };
    struct catalog_item *item = &change->item;
    TRY(catalog_edit_open_any(change->request, command->product_id, (struct versions){ NULL, 0 },
                              item));
    if (!uuid_equals(item->vendor_id, command->vendor_id)) return STATUS_NOT_FOUND;
    if (!versions_have(versions, item->version)) return STATUS_PRECONDITION_FAILED;
    /* What is archived stays as it is; from everywhere else this is no move. */
    TRY(catalog_edit_move(change->request, item, CATALOG_MOVE_CHANGE));
    change->variants = arena_copy(request_arena(change->request), item->variants,
                                  item->variants_count * sizeof *item->variants);
    item->variants = change->variants;
    for (size_t i = 0; i < item->variants_count; i++)
        change->before[i] = change->variants[i].on_hand;
    return STATUS_OK;
}

enum status catalog_handle_edit_product(struct request *request,
                                        const struct catalog_edit_product *command,
                                        struct catalog_edited_product *ret_reply)
{
    struct change *change = arena_allocate(request_arena(request), sizeof *change);
    *change = (struct change){ .request = request, .edit = &command->edit };
    TRY(open_change(change, command));
    TRY(edit_only_variant(change));
    TRY(edit_variants(change));
    TRY(move_category(change));
    TRY(move_status(change));
    TRY(save_change(change));
    *ret_reply = (struct catalog_edited_product){ .product_id = command->product_id,
                                                  .outcome = CATALOG_EDIT_OUTCOME_OK,
                                                  .has_version = true,
                                                  .version = change->item.version,
                                                  .has_status = true,
                                                  .status = change->item.status };
    return STATUS_OK;
}
