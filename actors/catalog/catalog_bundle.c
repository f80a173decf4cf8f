/* Rules of bundles. */
#include "actors/catalog/catalog_bundle.h"

static const struct catalog_part_facts *find_facts(const struct catalog_bundle_wish *wish,
                                                   struct uuid variant_id)
{
    for (size_t i = 0; i < wish->facts_count; i++)
        if (uuid_equals(wish->facts[i].variant_id, variant_id)) return &wish->facts[i];
    return NULL;
}

static enum status check_part(const struct catalog_bundle_wish *wish, size_t index)
{
    const struct uuid id = wish->parts[index].variant_id;
    const struct catalog_part_facts *facts = find_facts(wish, id);
    if (uuid_equals(id, wish->variant_id)) return STATUS_BUNDLE_CYCLE;
    if (facts == NULL || !facts->is_sold || !uuid_equals(facts->vendor_id, wish->vendor_id))
        return STATUS_NOT_FOUND;
    if (facts->is_bundle) return STATUS_BUNDLE_CYCLE;
    for (size_t i = 0; i < index; i++)
        if (uuid_equals(wish->parts[i].variant_id, id)) return STATUS_INVALID_VALUE;
    if (facts->is_digital != wish->is_digital) return STATUS_INVALID_VALUE;
    return facts->bundles_count < CATALOG_PART_BUNDLES_MAX ? STATUS_OK : STATUS_TOO_MANY_BUNDLES;
}

enum status catalog_bundle_check(const struct catalog_bundle_wish *wish, size_t *ret_part)
{
    assert(wish->parts_count <= CATALOG_PARTS_MAX);
    *ret_part = wish->parts_count;
    if (wish->is_part && wish->parts_count > 0) return STATUS_BUNDLE_CYCLE;
    for (size_t i = 0; i < wish->parts_count; i++) {
        const enum status status = check_part(wish, i);
        if (status == STATUS_OK) continue;
        *ret_part = i;
        return status;
    }
    return STATUS_OK;
}

struct catalog_bundle_stock catalog_bundle_reckon(const struct catalog_part_stock *parts,
                                                  size_t count, int64_t now_us)
{
    struct catalog_bundle_stock all = { .available = count == 0 ? 0 : INT64_MAX,
                                        .ready = count == 0 ? 0 : INT64_MAX };
    for (size_t i = 0; i < count; i++) {
        const struct catalog_ahead ahead = catalog_ahead_at(parts[i].ahead, now_us);
        const bool is_early = ahead.policy == CATALOG_STOCK_POLICY_PREORDER;
        assert(parts[i].quantity >= 1);
        int64_t available = catalog_ahead_available(ahead, parts[i].free, now_us);
        int64_t ready = parts[i].free > 0 && !is_early ? parts[i].free : 0;
        if (!parts[i].is_sold) available = ready = 0;
        available /= parts[i].quantity;
        ready /= parts[i].quantity;
        if (available < all.available) all.available = available;
        if (ready < all.ready) all.ready = ready;
        if (is_early && ahead.available_on_us > all.available_on_us)
            all.available_on_us = ahead.available_on_us;
    }
    all.availability = all.available == 0        ? CATALOG_AVAILABILITY_OUT_OF_STOCK
                       : all.available_on_us > 0 ? CATALOG_AVAILABILITY_PREORDER
                       : all.ready > 0           ? CATALOG_AVAILABILITY_IN_STOCK
                                                 : CATALOG_AVAILABILITY_BACKORDER;
    return all;
}
