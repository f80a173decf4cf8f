/* Items of a feed. */
#include "actors/catalog/catalog_feed.h"

#include <string.h>

#include "actors/catalog/catalog_picture.h"

/* Characters, of one element. */
enum {
    TITLE_MAX = 150,
    DESCRIPTION_MAX = 5000,
    DESCRIPTIONS_MAX = 60000, /* of all items of a product: many variants have shorter ones */
    WORD_MAX = 100,
    TYPE_MAX = 750,
    MORE_IMAGES_MAX = 10,
    FEW_VARIANTS = 10, /* more have one picture each */
};

/* ---- XML ---- */

static size_t character_bytes(char first)
{
    const unsigned char byte = (unsigned char)first;
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/* XML 1.0, section 2.2: no control characters but these, and neither U+FFFE nor U+FFFF. */
static bool is_allowed(const char *character, size_t length)
{
    if (length == 1)
        return (unsigned char)*character >= ' ' || *character == '\n' || *character == '\t' ||
               *character == '\r';
    return length != 3 ||
           (memcmp(character, "\xEF\xBF\xBE", 3) != 0 && memcmp(character, "\xEF\xBF\xBF", 3) != 0);
}

static void put_character(struct text_builder *file, const char *character, size_t length)
{
    if (*character == '&')
        text_builder_add(file, TEXT("&amp;"));
    else if (*character == '<')
        text_builder_add(file, TEXT("&lt;"));
    else if (*character == '>')
        text_builder_add(file, TEXT("&gt;"));
    else if (is_allowed(character, length))
        text_builder_add(file, (struct text){ character, length });
}

/* At most `most` characters of valid UTF-8. */
static void put_text(struct text_builder *file, struct text text, size_t most)
{
    size_t at = 0;
    for (size_t i = 0; i < most && at < text.length; i++) {
        const size_t length = character_bytes(text.data[at]);
        if (at + length > text.length) return;
        put_character(file, text.data + at, length);
        at += length;
    }
}

static void open_element(struct text_builder *file, const char *name)
{
    text_builder_add(file, TEXT("<"));
    text_builder_add(file, text_of(name));
    text_builder_add(file, TEXT(">"));
}

static void close_element(struct text_builder *file, const char *name)
{
    text_builder_add(file, TEXT("</"));
    text_builder_add(file, text_of(name));
    text_builder_add(file, TEXT(">\n"));
}

/* Nothing where there is no text. */
static void put_element(struct text_builder *file, const char *name, struct text text, size_t most)
{
    if (text.length == 0) return;
    open_element(file, name);
    put_text(file, text, most);
    close_element(file, name);
}

/* ---- the channel ---- */

void catalog_feed_head(struct text_builder *file, const struct catalog_feed *feed)
{
    const struct text name = text_of(feed->market_name);
    text_builder_add(file, TEXT("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                "<rss version=\"2.0\" xmlns:g=\"http://base.google.com/ns/1.0\">\n"
                                "<channel>\n"));
    put_element(file, "title", name, TITLE_MAX);
    put_element(file, "link", text_of(feed->market_url), DESCRIPTION_MAX);
    put_element(file, "description", name, TITLE_MAX);
}

void catalog_feed_tail(struct text_builder *file)
{
    text_builder_add(file, TEXT("</channel>\n</rss>\n"));
}

/* ---- an item ---- */

static struct text id_text(struct arena *arena, const char *prefix, struct uuid id)
{
    char text[ID_TEXT_MAX + 1];
    (void)id_format(prefix, id, text);
    return text_format(arena, "%s", text);
}

static bool is_named(struct text name, const char *word)
{
    return name.length == strlen(word) && strncasecmp(name.data, word, name.length) == 0;
}

/* The name, and what tells the variant from its siblings. */
static void put_title(struct text_builder *file, struct arena *arena,
                      const struct catalog_item *item, const struct catalog_item_variant *variant)
{
    struct text title = item->name;
    for (size_t i = 0; i < variant->options_count; i++)
        title =
            text_format(arena, "%.*s%s%.*s", (int)title.length, title.data, i == 0 ? " - " : ", ",
                        (int)variant->options[i].value.length, variant->options[i].value.data);
    put_element(file, "g:title", title, TITLE_MAX);
}

static struct text absolute(struct arena *arena, const struct catalog_feed *feed,
                            struct text address)
{
    return address.length > 0 && address.data[0] == '/'
               ? text_format(arena, "%s%.*s", feed->market_url, (int)address.length, address.data)
               : address;
}

static void put_images(struct text_builder *file, struct arena *arena,
                       const struct catalog_feed *feed, const struct catalog_item *item)
{
    size_t count;
    const struct text *addresses = catalog_picture_addresses(arena, item, &count);
    const size_t most = item->variants_count > FEW_VARIANTS ? 1 : 1 + MORE_IMAGES_MAX;
    for (size_t i = 0; i < count && i < most; i++)
        put_element(file, i == 0 ? "g:image_link" : "g:additional_image_link",
                    absolute(arena, feed, addresses[i]), DESCRIPTION_MAX);
}

static struct text money_text(struct arena *arena, struct money money)
{
    char text[MONEY_TEXT_MAX + 1];
    (void)money_format(money, text);
    return text_format(arena, "%s", text);
}

/* A sale with an end is told with its dates, before it begins, too; one without once it runs. */
static void put_sale(struct text_builder *file, struct arena *arena,
                     const struct catalog_feed *feed, const struct catalog_item_price *price)
{
    const struct catalog_sale *sale = &price->sale;
    char from[TIME_TEXT_MAX + 1], to[TIME_TEXT_MAX + 1];
    const bool has_end = sale->to_us < CATALOG_SALE_FOR_GOOD;
    if (sale->amount == 0 || sale->to_us <= feed->now_us) return;
    if (!has_end && sale->from_us > feed->now_us) return;
    put_element(file, "g:sale_price",
                money_text(arena, money_make(sale->amount, price->price.currency)), WORD_MAX);
    if (!has_end) return;
    (void)time_format(sale->from_us > 0 ? sale->from_us : feed->now_us, from);
    (void)time_format(sale->to_us, to);
    put_element(file, "g:sale_price_effective_date", text_format(arena, "%s/%s", from, to),
                WORD_MAX);
}

static struct text brand_of(const struct catalog_item *item, struct text vendor_name)
{
    for (size_t i = 0; i < item->attributes_count; i++)
        if (text_equals_string(item->attributes[i].key, "brand")) return item->attributes[i].value;
    return vendor_name;
}

/* Zeros stand in files where nobody knows the number. */
static struct text gtin_of(const struct catalog_item_variant *variant)
{
    for (size_t i = 0; i < variant->barcode.length; i++)
        if (variant->barcode.data[i] != '0') return variant->barcode;
    return (struct text){ 0 };
}

/* Without one of them the sites want to be told that there is none. */
static void put_identifiers(struct text_builder *file, const struct catalog_item *item,
                            const struct catalog_item_variant *variant, struct text vendor_name)
{
    const struct text gtin = gtin_of(variant);
    put_element(file, "g:gtin", gtin, WORD_MAX);
    put_element(file, "g:mpn", variant->sku, WORD_MAX);
    put_element(file, "g:brand", brand_of(item, vendor_name), WORD_MAX);
    if (gtin.length + variant->sku.length == 0)
        put_element(file, "g:identifier_exists", TEXT("no"), WORD_MAX);
}

/* Options that shopping sites have a name for. */
static void put_options(struct text_builder *file, const struct catalog_item_variant *variant)
{
    static const char *const names[][2] = {
        { "colour", "g:color" },      { "color", "g:color" },     { "size", "g:size" },
        { "material", "g:material" }, { "pattern", "g:pattern" },
    };
    for (size_t i = 0; i < variant->options_count; i++)
        for (size_t k = 0; k < ARRAY_LENGTH(names); k++)
            if (is_named(variant->options[i].name, names[k][0]))
                put_element(file, names[k][1], variant->options[i].value, WORD_MAX);
}

static void put_availability(struct text_builder *file, const struct catalog_feed_stock *stock)
{
    char day[TIME_TEXT_MAX + 1];
    put_element(file, "g:availability", text_of(catalog_availability_names[stock->availability]),
                WORD_MAX);
    if (stock->available_on_us == 0) return;
    (void)time_format(stock->available_on_us, day);
    put_element(file, "g:availability_date", text_of(day), WORD_MAX);
}

struct catalog_feed_stock catalog_feed_stock_of(const struct catalog_item_variant *variant,
                                                int64_t now_us)
{
    const struct catalog_feed_stock stock = {
        .availability =
            catalog_ahead_availability(variant->ahead, variant->on_hand - variant->held, now_us),
        .available_on_us = variant->ahead.available_on_us,
    };
    return stock.availability == CATALOG_AVAILABILITY_PREORDER
               ? stock
               : (struct catalog_feed_stock){ .availability = stock.availability };
}

static void put_variant(struct text_builder *file, struct arena *arena,
                        const struct catalog_feed *feed, const struct catalog_item *item,
                        const struct catalog_item_variant *variant,
                        const struct catalog_item_price *price,
                        const struct catalog_feed_stock *stock)
{
    put_element(file, "g:id", id_text(arena, "var", variant->id), WORD_MAX);
    put_title(file, arena, item, variant);
    const size_t share = DESCRIPTIONS_MAX / item->variants_count;
    put_element(file, "g:description",
                item->description.length > 0 ? item->description : item->name,
                share < DESCRIPTION_MAX ? share : DESCRIPTION_MAX);
    const struct text product = id_text(arena, "prd", item->id);
    put_element(file, "g:link",
                text_format(arena, "%s/p/%.*s/%.*s", feed->market_url, (int)item->slug.length,
                            item->slug.data, (int)product.length, product.data),
                DESCRIPTION_MAX);
    put_images(file, arena, feed, item);
    put_availability(file, stock);
    put_element(file, "g:price", money_text(arena, price->price), WORD_MAX);
    put_sale(file, arena, feed, price);
}

void catalog_feed_item(struct text_builder *file, struct arena *arena,
                       const struct catalog_feed *feed, const struct catalog_item *item,
                       const struct catalog_feed_stock *stock, struct text vendor_name)
{
    for (size_t i = 0; i < item->variants_count; i++) {
        const struct catalog_item_variant *variant = &item->variants[i];
        const struct catalog_item_price *price = catalog_item_price_in(variant, feed->currency);
        if (price == NULL || price->price.amount == 0) continue;
        text_builder_add(file, TEXT("<item>\n"));
        put_variant(file, arena, feed, item, variant, price, &stock[i]);
        put_identifiers(file, item, variant, vendor_name);
        if (item->variants_count > 1)
            put_element(file, "g:item_group_id", id_text(arena, "prd", item->id), WORD_MAX);
        put_options(file, variant);
        put_element(file, "g:condition", TEXT("new"), WORD_MAX);
        put_element(file, "g:product_type", item->category_path, TYPE_MAX);
        if (variant->weight_grams > 0)
            put_element(file, "g:shipping_weight",
                        text_format(arena, "%lld g", (long long)variant->weight_grams), WORD_MAX);
        text_builder_add(file, TEXT("</item>\n"));
    }
}
