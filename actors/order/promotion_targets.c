/* Looks for what promotions name in other domains. What does not exist could never be bought, and
 * its promotion would wait for it in silence. */
#include "actors/order/promotion_targets.h"

#include "actors/order/customer_group_store.h"
#include "catalog_messages.h"
#include "vendor_messages.h"

enum { SELECTIONS = 2, PRODUCTS_EACH_MAX = 100 };

static bool is_among(const struct uuid *ids, size_t count, struct uuid id)
{
    for (size_t i = 0; i < count; i++)
        if (uuid_equals(ids[i], id)) return true;
    return false;
}

static enum status refuse_product(struct request *request, const char *pointer, size_t index)
{
    const struct text at =
        text_format(request_arena(request), "%s/product_ids/%zu", pointer, index);
    return request_refuse(request, at.data, STATUS_INVALID_VALUE,
                          "There is no such product, or it is not the vendor's.");
}

static enum status check_selection(struct request *request, const struct price_selection *selection,
                                   const struct catalog_known_goods *known, const char *pointer)
{
    for (size_t i = 0; i < selection->products_count; i++)
        if (!is_among(known->product_ids, known->product_ids_count, selection->products[i]))
            return refuse_product(request, pointer, i);
    if (selection->kind != PRICE_SELECT_CATEGORY ||
        is_among(known->category_ids, known->category_ids_count, selection->category_id))
        return STATUS_OK;
    return request_refuse(request,
                          text_format(request_arena(request), "%s/category_id", pointer).data,
                          STATUS_INVALID_VALUE, "There is no such category.");
}

enum status promotion_check_goods(struct request *request, const struct promotion *promotion)
{
    const struct price_selection *const selections[SELECTIONS] = { &promotion->price.target,
                                                                   &promotion->price.qualifying };
    static const char *const pointers[SELECTIONS] = { "/terms/target", "/terms/qualifying" };
    struct uuid *products = arena_allocate_array(
        request_arena(request), (size_t)SELECTIONS * PRODUCTS_EACH_MAX, sizeof *products);
    struct uuid categories[SELECTIONS];
    struct catalog_find_goods query = { .product_ids = products,
                                        .category_ids = categories,
                                        .has_vendor_id = !uuid_is_zero(promotion->price.vendor_id),
                                        .vendor_id = promotion->price.vendor_id };
    for (size_t s = 0; s < SELECTIONS; s++) {
        assert(selections[s]->products_count <= PRODUCTS_EACH_MAX);
        for (size_t i = 0; i < selections[s]->products_count; i++)
            products[query.product_ids_count++] = selections[s]->products[i];
        if (selections[s]->kind == PRICE_SELECT_CATEGORY)
            categories[query.category_ids_count++] = selections[s]->category_id;
    }
    if (query.product_ids_count + query.category_ids_count == 0) return STATUS_OK;
    struct catalog_known_goods known;
    TRY(request_ask(request, &catalog_find_goods_message, &query, &known));
    for (size_t s = 0; s < SELECTIONS; s++)
        TRY(check_selection(request, selections[s], &known, pointers[s]));
    return STATUS_OK;
}

enum status promotion_check_groups(struct request *request, const struct promotion *promotion)
{
    const struct uuid *known;
    size_t count;
    if (promotion->group_ids_count == 0) return STATUS_OK;
    TRY(customer_group_store_find_many(request, promotion->group_ids, promotion->group_ids_count,
                                       &known, &count));
    for (size_t i = 0; i < promotion->group_ids_count; i++)
        if (!is_among(known, count, promotion->group_ids[i]))
            return request_refuse(request, request_pointer_at(request, "/terms/group_ids", i),
                                  STATUS_INVALID_VALUE, "There is no such group of customers.");
    return STATUS_OK;
}

enum status promotion_check_vendor(struct request *request, struct uuid vendor_id)
{
    const struct vendor_get_standing query = { .vendor_id = vendor_id };
    struct vendor_standing standing;
    const enum status found = request_ask(request, &vendor_get_standing_message, &query, &standing);
    if (found != STATUS_NOT_FOUND) return found;
    return request_refuse(request, "/vendor_id", STATUS_INVALID_VALUE, "There is no such vendor.");
}
