/* Claims about what carts are told of a variant, against a scratch database. */
#include "tests/support/cmocka.h"

#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all

static struct catalog_offer offer_of(struct uuid variant, const char *currency)
{
    const struct catalog_get_offers query = { .variant_ids = &variant,
                                              .variant_ids_count = 1,
                                              .currency = text_of(currency) };
    struct catalog_offers offers;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_get_offers_message, &query, &offers),
                     STATUS_OK);
    assert_int_equal(offers.offers_count, 1);
    return offers.offers[0];
}

static void an_offer_of_nothing_special_says_so(void **state)
{
    (void)state;
    const struct catalog_create_product wish = shelf_wish("Plain");
    const struct catalog_offer offer = offer_of(shelf_make(&wish).variants[0].id, "EUR");
    assert_int_equal(offer.tax_class, COMMON_TAX_CLASS_STANDARD);
    assert_false(offer.is_digital);
    assert_int_equal(offer.weight_grams, 0);
    assert_int_equal(offer.categories_count, 2);
    assert_true(uuid_equals(offer.categories[1], SHELF.category));
    assert_false(offer.has_sale_price || offer.has_sale_from || offer.has_sale_to);
    assert_int_equal(offer.tiers_count, 0);
    assert_false(offer.has_profile_id);
    assert_false(offer.has_quantity_min || offer.has_quantity_step || offer.has_quantity_max);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offer_of_nothing_special_says_so),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
