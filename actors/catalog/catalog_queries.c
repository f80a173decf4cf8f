/* What shoppers and carts read of the catalogue. */
#include <sodium.h>
#include <string.h>

#include "actors/catalog/catalog_list_store.h"
#include "catalog_handlers.h"

enum {
    CATALOG_PAGE_DEFAULT = 20,
    CATALOG_CURSOR_NEWEST_BYTES = 16,
    CATALOG_CURSOR_RANKED_BYTES = 24,
    CATALOG_CURSOR_TEXT_MAX = 40,
    CATALOG_TREE_BYTES_MAX = 900 * 1024, /* leaves room in an envelope's body */
    CATALOG_TREE_ENTRY_BYTES = 100,      /* field names, ids and numbers of one category */
};

/* A cursor is the id of the last product, before it its rank in a search by relevance, in
 * base64url. */
static struct text encode_cursor(struct arena *arena, struct catalog_position position,
                                 bool is_ranked)
{
    unsigned char bytes[CATALOG_CURSOR_RANKED_BYTES];
    size_t length = 0;
    for (int shift = 56; is_ranked && shift >= 0; shift -= 8)
        bytes[length++] = (unsigned char)((uint64_t)position.rank >> shift);
    memcpy(bytes + length, position.id.bytes, sizeof position.id.bytes);
    length += sizeof position.id.bytes;
    char *text = arena_allocate(arena, CATALOG_CURSOR_TEXT_MAX);
    (void)sodium_bin2base64(text, CATALOG_CURSOR_TEXT_MAX, bytes, length,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return text_of(text);
}

/* Statuses: OK, INVALID_PARAMETER. */
static enum status decode_cursor(struct text text, bool is_ranked,
                                 struct catalog_position *ret_position)
{
    unsigned char bytes[CATALOG_CURSOR_RANKED_BYTES];
    const size_t wanted = is_ranked ? CATALOG_CURSOR_RANKED_BYTES : CATALOG_CURSOR_NEWEST_BYTES;
    const char *end;
    size_t length;
    if (sodium_base642bin(bytes, sizeof bytes, text.data, text.length, NULL, &length, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return STATUS_INVALID_PARAMETER;
    if (length != wanted || end != text.data + text.length) return STATUS_INVALID_PARAMETER;
    struct catalog_position position = { 0 };
    uint64_t rank = 0;
    for (size_t i = 0; is_ranked && i < 8; i++)
        rank = rank << 8 | bytes[i];
    position.rank = (int64_t)rank;
    memcpy(position.id.bytes, bytes + length - sizeof position.id.bytes, sizeof position.id.bytes);
    *ret_position = position;
    return STATUS_OK;
}

static enum status refuse_parameter(struct request *request, const char *pointer,
                                    enum status status, const char *detail)
{
    const struct request_fault fault = { .pointer = pointer,
                                         .code = status,
                                         .detail = text_of(detail) };
    request_add_fault(request, &fault);
    return status;
}

enum status catalog_handle_list_products(struct request *request,
                                         const struct catalog_list_products *query,
                                         struct catalog_product_page *ret_reply)
{
    const bool is_ranked = query->has_sort && query->sort == CATALOG_PRODUCT_SORT_RELEVANCE;
    const int64_t limit = query->has_limit ? query->limit : CATALOG_PAGE_DEFAULT;
    struct catalog_position after = catalog_position_first();
    struct catalog_list_result result;
    if (is_ranked && !query->has_q)
        return refuse_parameter(request, "sort", STATUS_UNKNOWN_PARAMETER,
                                "The sort relevance is known only together with q.");
    if (query->has_after && decode_cursor(query->after, is_ranked, &after) != STATUS_OK)
        return refuse_parameter(request, "after", STATUS_INVALID_PARAMETER,
                                "This is not the next of a page of this list.");
    if (query->has_min_price && query->has_max_price && query->min_price > query->max_price)
        return STATUS_OK;
    TRY(catalog_list_store_products(request, query, after, limit, &result));
    ret_reply->data = result.products;
    ret_reply->has_more = result.count > (size_t)limit;
    ret_reply->data_count = ret_reply->has_more ? (size_t)limit : result.count;
    ret_reply->has_next = ret_reply->has_more;
    if (ret_reply->has_next)
        ret_reply->next =
            encode_cursor(request_arena(request), result.positions[limit - 1], is_ranked);
    return STATUS_OK;
}

enum status catalog_handle_get_product(struct request *request,
                                       const struct catalog_get_product *query,
                                       struct catalog_product *ret_reply)
{
    return catalog_list_store_product(request, query->product_id, ret_reply);
}

/* How many fit into one answer. */
static size_t count_fitting(const struct catalog_category *categories, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count && i < CATALOG_TREE_MAX; i++) {
        bytes += CATALOG_TREE_ENTRY_BYTES + categories[i].name.length + categories[i].slug.length +
                 categories[i].path.length;
        if (bytes > CATALOG_TREE_BYTES_MAX) return i;
    }
    return count < CATALOG_TREE_MAX ? count : CATALOG_TREE_MAX;
}

enum status catalog_handle_list_categories(struct request *request,
                                           const struct catalog_list_categories *query,
                                           struct catalog_category_tree *ret_reply)
{
    (void)query;
    struct catalog_category *categories;
    size_t count;
    TRY(catalog_list_store_categories(request, &categories, &count));
    ret_reply->data = categories;
    ret_reply->data_count = count_fitting(categories, count);
    ret_reply->has_more = ret_reply->data_count < count;
    return STATUS_OK;
}

enum status catalog_handle_get_offers(struct request *request,
                                      const struct catalog_get_offers *query,
                                      struct catalog_offers *ret_reply)
{
    if (query->variant_ids_count == 0) return STATUS_OK;
    return catalog_list_store_offers(request, query, ret_reply);
}
