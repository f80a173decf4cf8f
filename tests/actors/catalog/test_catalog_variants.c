/* Claims about variants of vendors' products and their stock, against a scratch database. */
#include "tests/support/cmocka.h"

#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all

static enum status create(const struct catalog_create_product *wish)
{
    return direct_call(SHELF.market, &SHELF.vendor, &catalog_create_product_message, wish, NULL);
}

static void assert_refused(enum status status, enum status wanted, const char *pointer)
{
    assert_int_equal(status, wanted);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, pointer);
}

static enum status archive(const struct principal *who, struct uuid product)
{
    const struct catalog_archive_product command = { .product_id = product };
    return direct_call(SHELF.market, who, &catalog_archive_product_message, &command, NULL);
}

static enum status set_stock(const struct principal *who, struct uuid variant, int64_t on_hand,
                             int64_t version, struct catalog_stock_level *ret_level)
{
    const struct catalog_set_stock command = { .variant_id = variant,
                                               .on_hand = on_hand,
                                               .versions = &version,
                                               .versions_count = version > 0 };
    return direct_call(SHELF.market, who, &catalog_set_stock_message, &command, ret_level);
}

static enum status reserve(struct uuid variant, int64_t quantity, struct uuid reservation)
{
    const struct catalog_reserve_stock command = { .variant_id = variant,
                                                   .reservation_id = reservation,
                                                   .quantity = quantity,
                                                   .expires_at_us =
                                                       direct_now_us(SHELF.market) + 600000000 };
    return direct_call(SHELF.market, NULL, &catalog_reserve_stock_message, &command, NULL);
}

static void variants_have_prices_in_several_currencies(void **state)
{
    (void)state;
    const struct money prices[] = { { 900, "EUR" }, { 1000, "USD" } };
    const struct text_pair red = { TEXT("Colour"), TEXT("Red") },
                           blue = { TEXT("Colour"), TEXT("Blue") };
    const struct catalog_new_variant variants[] = {
        { .has_sku = true,
          .sku = TEXT("multi-1"),
          .options = &red,
          .options_count = 1,
          .prices = prices,
          .prices_count = 2,
          .has_compare_at_price = true,
          .compare_at_price = { 1100, "EUR" },
          .has_weight_grams = true,
          .weight_grams = 70 },
        { .options = &blue,
          .options_count = 1,
          .prices = prices,
          .prices_count = 1,
          .has_stock = true,
          .stock = 4 },
    };
    struct catalog_create_product wish = shelf_wish("Multi");
    wish.has_price = wish.has_stock = false;
    wish.variants = variants;
    wish.variants_count = 2;
    const struct catalog_own_product made = shelf_make(&wish);
    assert_int_equal(made.variants[0].prices_count, 2);
    assert_int_equal(made.variants[0].compare_at_price.amount, 1100);
    const struct catalog_own_product again = shelf_inspect(made.id);
    assert_int_equal(again.variants_count, 2);
    assert_int_equal(again.variants[0].prices_count, 2);
    assert_int_equal(again.variants[0].weight_grams, 70);
    const struct catalog_get_offers query = { .variant_ids = &made.variants[1].id,
                                              .variant_ids_count = 1,
                                              .currency = TEXT("USD") };
    struct catalog_offers offers;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_get_offers_message, &query, &offers),
                     STATUS_OK);
    assert_false(offers.offers[0].has_price);
    assert_int_equal(offers.offers[0].available, 4);
}

static void what_are_no_variants_is_refused_with_its_place(void **state)
{
    (void)state;
    const struct money price = { 500, "EUR" }, twice[] = { { 500, "EUR" }, { 600, "EUR" } };
    const struct text_pair nameless = { TEXT(" "), TEXT("x") };
    struct catalog_new_variant variants[] = { { .prices = &price, .prices_count = 1 },
                                              { .prices = &price, .prices_count = 1 } };
    struct catalog_create_product wish = shelf_wish("Bad");
    wish.variants = variants;
    wish.variants_count = 2;
    assert_refused(create(&wish), STATUS_INVALID_VALUE, "/variants");
    wish.has_price = wish.has_stock = false;
    assert_refused(create(&wish), STATUS_VARIANT_EXISTS, "/variants/1/options");
    variants[1].prices = twice;
    variants[1].prices_count = 2;
    assert_refused(create(&wish), STATUS_INVALID_VALUE, "/variants/1/prices");
    variants[1].prices_count = 0;
    assert_refused(create(&wish), STATUS_MISSING_FIELD, "/variants/1/prices");
    variants[1].options = &nameless;
    variants[1].options_count = 1;
    assert_refused(create(&wish), STATUS_INVALID_VALUE, "/variants/1/options");
}

static struct catalog_add_variant another(const struct catalog_own_product *product,
                                          const struct text_pair *option, const struct money *price)
{
    return (struct catalog_add_variant){ .product_id = product->id,
                                         .options = option,
                                         .options_count = 1,
                                         .prices = price,
                                         .prices_count = 1,
                                         .has_stock = true,
                                         .stock = 3 };
}

static void variants_come_and_go_but_the_last(void **state)
{
    (void)state;
    const struct money price = { 300, "EUR" };
    const struct text_pair option = { TEXT("Size"), TEXT("S") };
    const struct catalog_create_product wish = shelf_wish("Growing");
    const struct catalog_own_product made = shelf_make(&wish);
    const struct catalog_add_variant more = another(&made, &option, &price);
    struct catalog_own_product grown;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_add_variant_message, &more, &grown),
        STATUS_OK);
    assert_int_equal(grown.variants_count, 2);
    assert_int_equal(grown.price.amount, 300);
    struct catalog_product seen;
    assert_int_equal(shelf_look(made.id, &seen), STATUS_OK);
    assert_int_equal(seen.variants_count, 2);
    assert_int_equal(seen.price.amount, 300);
    shelf_assert_derived(made.id);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_add_variant_message, &more, NULL),
        STATUS_VARIANT_EXISTS);

    const struct uuid reservation = made.id; /* any id does */
    assert_int_equal(reserve(grown.variants[1].id, 2, reservation), STATUS_OK);
    struct catalog_remove_variant removal = { .product_id = made.id,
                                              .variant_id = grown.variants[1].id };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_remove_variant_message, &removal, NULL),
        STATUS_OK);
    assert_int_equal(shelf_look(made.id, &seen), STATUS_OK);
    assert_int_equal(seen.variants_count, 1);
    assert_int_equal(seen.price.amount, 500);
    shelf_assert_derived(made.id);
    assert_int_equal(reserve(grown.variants[1].id, 1, made.variants[0].id),
                     STATUS_INSUFFICIENT_STOCK);
    const struct catalog_commit_stock commit = { .variant_id = grown.variants[1].id,
                                                 .reservation_id = reservation };
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_commit_stock_message, &commit, NULL),
                     STATUS_OK);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_remove_variant_message, &removal, NULL),
        STATUS_NOT_FOUND);
    removal.variant_id = made.variants[0].id;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_remove_variant_message, &removal, NULL),
        STATUS_LAST_VARIANT);
}

static void a_changed_variant_has_its_new_prices_only(void **state)
{
    (void)state;
    const struct money prices[] = { { 900, "EUR" }, { 1000, "USD" } };
    const struct catalog_create_product wish = shelf_wish("Repriced");
    const struct catalog_own_product made = shelf_make(&wish);
    struct catalog_change_variant change = { .product_id = made.id,
                                             .variant_id = made.variants[0].id,
                                             .prices = prices,
                                             .prices_count = 2,
                                             .has_compare_at_price = true,
                                             .compare_at_price = { 1200, "USD" },
                                             .has_weight_grams = true,
                                             .weight_grams = 9 };
    struct catalog_own_product reply;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &change, &reply),
        STATUS_OK);
    assert_int_equal(reply.variants[0].prices_count, 2);
    assert_string_equal(reply.variants[0].compare_at_price.currency, "USD");
    struct catalog_product seen;
    assert_int_equal(shelf_look(made.id, &seen), STATUS_OK);
    assert_int_equal(seen.price.amount, 900);
    assert_false(seen.has_compare_at_price);
    shelf_assert_derived(made.id);
    change.prices_count = 1;
    change.has_compare_at_price = false;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &change, &reply),
        STATUS_OK);
    const struct catalog_own_product again = shelf_inspect(made.id);
    assert_int_equal(again.variants[0].prices_count, 1);
    assert_false(again.variants[0].has_compare_at_price);
    change.prices = &prices[1];
    assert_refused(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &change, NULL),
        STATUS_INVALID_VALUE, "/prices");
}

static void a_price_before_a_reduction_comes_and_goes(void **state)
{
    (void)state;
    const struct money price = { 300, "EUR" };
    const struct text_pair option = { TEXT("Size"), TEXT("M") };
    const struct catalog_create_product wish = shelf_wish("Reduced");
    const struct catalog_own_product made = shelf_make(&wish);
    struct catalog_add_variant more = another(&made, &option, &price);
    more.has_compare_at_price = true;
    more.compare_at_price = (struct money){ 400, "EUR" };
    struct catalog_own_product reply;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_add_variant_message, &more, &reply),
        STATUS_OK);
    assert_int_equal(reply.variants[1].compare_at_price.amount, 400);
    struct catalog_product seen;
    assert_int_equal(shelf_look(made.id, &seen), STATUS_OK);
    assert_int_equal(seen.compare_at_price.amount, 400); /* of the cheapest */
    const struct catalog_change_variant change = { .product_id = made.id,
                                                   .variant_id = reply.variants[1].id,
                                                   .has_remove_compare_at_price = true,
                                                   .remove_compare_at_price = true };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &change, &reply),
        STATUS_OK);
    assert_false(reply.variants[1].has_compare_at_price);
    assert_int_equal(shelf_look(made.id, &seen), STATUS_OK);
    assert_false(seen.has_compare_at_price);
}

static void other_options_make_another_variant_of_it(void **state)
{
    (void)state;
    const struct money price = { 300, "EUR" };
    const struct text_pair small = { TEXT("Size"), TEXT("S") }, large = { TEXT("Size"), TEXT("L") };
    const struct catalog_create_product wish = shelf_wish("Sized");
    const struct catalog_own_product made = shelf_make(&wish);
    const struct catalog_add_variant more = another(&made, &small, &price);
    struct catalog_own_product reply;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_add_variant_message, &more, &reply),
        STATUS_OK);
    struct catalog_change_variant change = { .product_id = made.id,
                                             .variant_id = reply.variants[0].id,
                                             .options = &small,
                                             .options_count = 1 };
    assert_refused(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &change, NULL),
        STATUS_VARIANT_EXISTS, "/options");
    change.options = &large;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &change, &reply),
        STATUS_OK);
    assert_text_equal(reply.variants[0].options[0].value, TEXT("L"));
    const struct catalog_remove_variant removal = { .product_id = made.id,
                                                    .variant_id = reply.variants[0].id };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_remove_variant_message, &removal, NULL),
        STATUS_OK);
    const struct catalog_own_product left = shelf_inspect(made.id);
    assert_int_equal(left.variants_count, 1);
    assert_text_equal(left.variants[0].options[0].value, TEXT("S"));
}

static void what_is_no_sku_is_refused(void **state)
{
    (void)state;
    const struct money price = { 500, "EUR" };
    const struct text_pair red = { TEXT("Colour"), TEXT("Red") },
                           blue = { TEXT("Colour"), TEXT("Blue") };
    struct catalog_new_variant variants[] = {
        { .has_sku = true,
          .sku = TEXT("twice"),
          .options = &red,
          .options_count = 1,
          .prices = &price,
          .prices_count = 1 },
        { .has_sku = true,
          .sku = TEXT(" twice "),
          .options = &blue,
          .options_count = 1,
          .prices = &price,
          .prices_count = 1 },
    };
    struct catalog_create_product wish = shelf_wish("Twice");
    wish.has_price = wish.has_stock = false;
    wish.variants = variants;
    wish.variants_count = 2;
    assert_refused(create(&wish), STATUS_SKU_TAKEN, "/variants/1/sku");
    variants[1].sku = TEXT("two\nlines");
    assert_refused(create(&wish), STATUS_INVALID_VALUE, "/variants/1/sku");
}

static void an_sku_is_taken_once_among_live_variants(void **state)
{
    (void)state;
    struct catalog_create_product wish = shelf_wish("First");
    wish.has_sku = true;
    wish.sku = TEXT("only-one");
    const struct catalog_own_product first = shelf_make(&wish);
    assert_refused(create(&wish), STATUS_SKU_TAKEN, "/sku");
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.stranger, &catalog_create_product_message, &wish, NULL),
        STATUS_OK);
    assert_int_equal(archive(&SHELF.vendor, first.id), STATUS_OK);
    const struct catalog_own_product second = shelf_make(&wish);
    const struct catalog_restore_product restore = { .product_id = first.id };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_restore_product_message, &restore, NULL),
        STATUS_SKU_TAKEN);
    const struct catalog_change_variant change = { .product_id = second.id,
                                                   .variant_id = second.variants[0].id,
                                                   .has_sku = true };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &change, NULL),
        STATUS_OK);
    assert_false(shelf_inspect(second.id).variants[0].has_sku);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_restore_product_message, &restore, NULL),
        STATUS_OK);
}

static void stock_is_set_in_turn_with_reservations(void **state)
{
    (void)state;
    const struct catalog_create_product wish = shelf_wish("Counted");
    const struct catalog_own_product made = shelf_make(&wish);
    const struct uuid variant = made.variants[0].id;
    struct catalog_stock_level level;
    assert_int_equal(reserve(variant, 4, made.id), STATUS_OK);
    assert_refused(set_stock(&SHELF.vendor, variant, 3, 0, &level), STATUS_INSUFFICIENT_STOCK,
                   "/on_hand");
    assert_int_equal(direct_last_fault(SHELF.market).available, 4);
    assert_int_equal(set_stock(&SHELF.vendor, variant, 4, 0, &level), STATUS_OK);
    assert_int_equal(level.available, 0);
    assert_int_equal(level.reserved, 4);
    const int64_t version = level.version;
    assert_int_equal(set_stock(&SHELF.vendor, variant, 9, version - 1, &level),
                     STATUS_PRECONDITION_FAILED);
    assert_int_equal(set_stock(&SHELF.vendor, variant, 9, version, &level), STATUS_OK);
    const struct catalog_commit_stock commit = { .variant_id = variant, .reservation_id = made.id };
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_commit_stock_message, &commit, NULL),
                     STATUS_OK);
    assert_true(text_equals_string(
        shelf_sql("SELECT concat_ws(' ', on_hand, held, sold, received) FROM catalog.stock"
                  " WHERE variant_id = '%s'",
                  variant),
        "5 0 4 9"));
    assert_int_equal(shelf_inspect(made.id).variants[0].stock_version, level.version + 1);
}

static void each_change_of_the_stock_leaves_a_movement(void **state)
{
    (void)state;
    const struct catalog_create_product wish = shelf_wish("Moved");
    const struct catalog_own_product made = shelf_make(&wish);
    const struct uuid variant = made.variants[0].id;
    struct catalog_stock_level level;
    assert_int_equal(reserve(variant, 4, made.id), STATUS_OK);
    assert_int_equal(set_stock(&SHELF.vendor, variant, 7, 0, &level), STATUS_OK);
    assert_int_equal(set_stock(&SHELF.vendor, variant, 7, 0, &level), STATUS_OK);
    const struct catalog_commit_stock commit = { .variant_id = variant, .reservation_id = made.id };
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            direct_call(SHELF.market, NULL, &catalog_commit_stock_message, &commit, NULL),
            STATUS_OK);

    struct catalog_list_stock_movements query = { .variant_id = variant,
                                                  .has_limit = true,
                                                  .limit = 2 };
    struct catalog_stock_movements page;
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_list_stock_movements_message,
                                 &query, &page),
                     STATUS_OK);
    assert_int_equal(page.data_count, 2);
    assert_true(page.has_more);
    assert_int_equal(page.data[0].kind, CATALOG_MOVEMENT_KIND_SALE);
    assert_int_equal(page.data[0].delta, -4);
    assert_true(page.data[0].has_reference);
    assert_true(uuid_equals(page.data[0].reference, made.id));
    assert_int_equal(page.data[1].kind, CATALOG_MOVEMENT_KIND_SET);
    assert_int_equal(page.data[1].delta, -3);
    query.has_after = true;
    query.after = page.next;
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_list_stock_movements_message,
                                 &query, &page),
                     STATUS_OK);
    assert_int_equal(page.data_count, 1);
    assert_int_equal(page.data[0].kind, CATALOG_MOVEMENT_KIND_OPENING);
    assert_int_equal(page.data[0].delta, 10);
    assert_false(page.has_more);
    query.after = TEXT("nonsense");
    assert_refused(direct_call(SHELF.market, &SHELF.vendor, &catalog_list_stock_movements_message,
                               &query, &page),
                   STATUS_INVALID_PARAMETER, "/after");
    query.has_after = false;
    assert_int_equal(direct_call(SHELF.market, &SHELF.stranger,
                                 &catalog_list_stock_movements_message, &query, &page),
                     STATUS_NOT_FOUND);
}

static void a_reservation_that_is_not_committed_yet_counts(void **state)
{
    (void)state;
    const struct catalog_create_product wish = shelf_wish("Queued");
    const struct catalog_own_product made = shelf_make(&wish);
    struct catalog_stock_level level;
    direct_queue_units(SHELF.market);
    assert_int_equal(reserve(made.variants[0].id, 6, made.id), STATUS_OK);
    assert_int_equal(set_stock(&SHELF.vendor, made.variants[0].id, 5, 0, &level),
                     STATUS_INSUFFICIENT_STOCK);
    assert_int_equal(set_stock(&SHELF.vendor, made.variants[0].id, 6, 0, &level), STATUS_OK);
    assert_int_equal(direct_commit_units(SHELF.market), 0);
    assert_int_equal(shelf_inspect(made.id).variants[0].reserved, 6);
    assert_int_equal(shelf_inspect(made.id).variants[0].on_hand, 6);
}

/* Answers of commands are kept, and what is kept is bounded. */
static void a_product_is_never_larger_than_a_kept_answer(void **state)
{
    (void)state;
    enum { COUNT = 100, LONG = 95 };
    char *filler = arena_allocate(SHELF.arena, 20001);
    for (int i = 0; i < 20000; i++)
        filler[i] = 'x';
    const struct money prices[] = { { 1, "EUR" }, { 1, "USD" }, { 1, "GBP" }, { 1, "JPY" },
                                    { 1, "CHF" }, { 1, "SEK" }, { 1, "NOK" }, { 1, "DKK" },
                                    { 1, "PLN" }, { 1, "CZK" } };
    struct catalog_new_variant *variants =
        arena_allocate_array(SHELF.arena, COUNT, sizeof *variants);
    struct text *images = arena_allocate_array(SHELF.arena, 20, sizeof *images);
    for (int i = 0; i < COUNT; i++) {
        struct text_pair *options = arena_allocate_array(SHELF.arena, 3, sizeof *options);
        for (int k = 0; k < 3; k++) {
            options[k].name = text_format(SHELF.arena, "%d%.*s", k, LONG, filler);
            options[k].value = text_format(SHELF.arena, "%d%.*s", i, LONG, filler);
        }
        variants[i] = (struct catalog_new_variant){
            .options = options, .options_count = 3, .prices = prices, .prices_count = 10
        };
    }
    for (int i = 0; i < 20; i++)
        images[i] = text_format(SHELF.arena, "https://example.com/%.*s", 2000, filler);
    struct catalog_create_product wish = shelf_wish("Huge");
    wish.has_price = wish.has_stock = false;
    wish.variants = variants;
    wish.variants_count = COUNT;
    wish.images = images;
    wish.images_count = 20;
    wish.description = (struct text){ filler, 20000 };
    assert_int_equal(create(&wish), STATUS_PRODUCT_TOO_LARGE);
    wish.images_count = 0;
    assert_int_equal(shelf_make(&wish).variants_count, COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variants_have_prices_in_several_currencies),
        cmocka_unit_test(what_are_no_variants_is_refused_with_its_place),
        cmocka_unit_test(variants_come_and_go_but_the_last),
        cmocka_unit_test(a_changed_variant_has_its_new_prices_only),
        cmocka_unit_test(a_price_before_a_reduction_comes_and_goes),
        cmocka_unit_test(other_options_make_another_variant_of_it),
        cmocka_unit_test(what_is_no_sku_is_refused),
        cmocka_unit_test(an_sku_is_taken_once_among_live_variants),
        cmocka_unit_test(stock_is_set_in_turn_with_reservations),
        cmocka_unit_test(each_change_of_the_stock_leaves_a_movement),
        cmocka_unit_test(a_reservation_that_is_not_committed_yet_counts),
        cmocka_unit_test(a_product_is_never_larger_than_a_kept_answer),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
