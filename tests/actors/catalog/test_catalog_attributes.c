/* Claims about attributes of categories and what products say of them, against a scratch database.
 */
#include "tests/support/cmocka.h"

#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all

static struct uuid top, low;

static enum status define(const struct catalog_create_category_attribute *command,
                          struct catalog_category_attribute *ret_attribute)
{
    return direct_call(SHELF.market, &SHELF.staff, &catalog_create_category_attribute_message,
                       command, ret_attribute);
}

static struct catalog_create_category_attribute definition(struct uuid category, const char *key,
                                                           enum catalog_attribute_type type)
{
    return (struct catalog_create_category_attribute){
        .category_id = category, .key = text_of(key), .name = text_of(key), .type = type
    };
}

static struct catalog_category_attributes list(struct uuid category)
{
    const struct catalog_list_category_attributes query = { .category_id = category };
    struct catalog_category_attributes reply;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_list_category_attributes_message, &query, &reply),
        STATUS_OK);
    return reply;
}

static int open_tree(void **state)
{
    static const struct text colours[] = { { "Red", 3 }, { "Sky blue", 8 } };
    if (shelf_open(state) != 0) return -1;
    top = shelf_make_category("Lamps", NULL);
    low = shelf_make_category("Desk lamps", &top);
    struct catalog_create_category_attribute colour =
        definition(top, "colour", CATALOG_ATTRIBUTE_TYPE_CHOICE);
    colour.choices = colours;
    colour.choices_count = 2;
    colour.has_is_filterable = colour.is_filterable = true;
    assert_int_equal(define(&colour, NULL), STATUS_OK);
    struct catalog_create_category_attribute weight =
        definition(low, "weight", CATALOG_ATTRIBUTE_TYPE_NUMBER);
    weight.has_unit = true;
    weight.unit = TEXT("kg");
    weight.has_is_required = weight.is_required = true;
    assert_int_equal(define(&weight, NULL), STATUS_OK);
    return 0;
}

static struct catalog_create_product wish_with(const struct text_pair *pairs, size_t count)
{
    struct catalog_create_product wish = shelf_wish("Lamp");
    wish.category_id = low;
    wish.attributes = pairs;
    wish.attributes_count = count;
    return wish;
}

static void assert_refused(const struct text_pair *pairs, size_t count, const char *pointer)
{
    const struct catalog_create_product wish = wish_with(pairs, count);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_create_product_message, &wish, NULL),
        STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, pointer);
}

static enum status change(const struct catalog_change_product *command)
{
    return direct_call(SHELF.market, &SHELF.vendor, &catalog_change_product_message, command, NULL);
}

static void attributes_are_those_of_the_category_and_above_the_nearest_of_each_key(void **state)
{
    (void)state;
    const struct catalog_category_attributes all = list(low);
    assert_int_equal(all.data_count, 2);
    assert_true(text_equals_string(all.data[0].key, "colour"));
    assert_true(uuid_equals(all.data[0].category_id, top));
    assert_true(text_equals_string(all.data[1].unit, "kg"));
    assert_int_equal(list(top).data_count, 1);
    const struct uuid apart = shelf_make_category("Reading lamps", NULL);
    const struct catalog_create_category_attribute own =
        definition(apart, "colour", CATALOG_ATTRIBUTE_TYPE_TEXT);
    assert_int_equal(define(&own, NULL), STATUS_OK);
    /* Where a move brings two together. */
    const struct catalog_change_category move = { .category_id = apart,
                                                  .has_parent_id = true,
                                                  .parent_id = low };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_change_category_message, &move, NULL),
        STATUS_OK);
    const struct uuid below = apart;
    assert_int_equal(list(below).data_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct catalog_category_attribute *one = &list(below).data[i];
        if (text_equals_string(one->key, "colour"))
            assert_int_equal(one->type, CATALOG_ATTRIBUTE_TYPE_TEXT);
    }
}

static void a_key_is_defined_once_on_the_way_to_a_leaf(void **state)
{
    (void)state;
    const struct uuid root = shelf_make_category("Clocks", NULL);
    const struct uuid leaf = shelf_make_category("Wall clocks", &root);
    const struct uuid other = shelf_make_category("Alarm clocks", &root);
    struct catalog_create_category_attribute command =
        definition(leaf, "hands", CATALOG_ATTRIBUTE_TYPE_TEXT);
    assert_int_equal(define(&command, NULL), STATUS_OK);
    command.category_id = root;
    assert_int_equal(define(&command, NULL), STATUS_ATTRIBUTE_EXISTS);
    command.category_id = other; /* beside is not above */
    assert_int_equal(define(&command, NULL), STATUS_OK);
    command = definition(root, "dial", CATALOG_ATTRIBUTE_TYPE_TEXT);
    assert_int_equal(define(&command, NULL), STATUS_OK);
    command.category_id = leaf;
    assert_int_equal(define(&command, NULL), STATUS_ATTRIBUTE_EXISTS);
}

static void what_is_no_attribute_is_refused_with_its_place(void **state)
{
    (void)state;
    struct catalog_create_category_attribute command =
        definition(top, "Col our", CATALOG_ATTRIBUTE_TYPE_TEXT);
    assert_int_equal(define(&command, NULL), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/key");
    command.key = TEXT("colour");
    assert_int_equal(define(&command, NULL), STATUS_ATTRIBUTE_EXISTS);
    command = definition(top, "shape", CATALOG_ATTRIBUTE_TYPE_CHOICE);
    assert_int_equal(define(&command, NULL), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/choices");
    const struct text choices[] = { TEXT("Round"), TEXT("ROUND") };
    command.choices = choices;
    command.choices_count = 2;
    assert_int_equal(define(&command, NULL), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/choices/1");
    command = definition((struct uuid){ { 9 } }, "shape", CATALOG_ATTRIBUTE_TYPE_TEXT);
    assert_int_equal(define(&command, NULL), STATUS_NOT_FOUND);
}

static void a_category_has_fifty_attributes_of_its_own_at_most(void **state)
{
    (void)state;
    const struct uuid full = shelf_make_category("Full of them", NULL);
    for (int i = 0; i < 50; i++) {
        const struct text key = text_format(SHELF.arena, "key_%d", i);
        const struct catalog_create_category_attribute command =
            definition(full, key.data, CATALOG_ATTRIBUTE_TYPE_TEXT);
        assert_int_equal(define(&command, NULL), STATUS_OK);
    }
    const struct catalog_create_category_attribute more =
        definition(full, "one_more", CATALOG_ATTRIBUTE_TYPE_TEXT);
    assert_int_equal(define(&more, NULL), STATUS_TOO_MANY_ATTRIBUTES);
}

static void a_product_says_what_its_category_asks(void **state)
{
    (void)state;
    const struct text_pair pairs[] = { { TEXT("weight"), TEXT("01.50") },
                                       { TEXT("colour"), TEXT("sky BLUE") } };
    const struct catalog_create_product wish = wish_with(pairs, 2);
    const struct catalog_own_product made = shelf_make(&wish);
    struct catalog_product seen;
    assert_int_equal(shelf_look(made.id, &seen), STATUS_OK);
    assert_int_equal(seen.attributes_count, 2);
    assert_true(text_equals_string(seen.attributes[0].key, "colour"));
    assert_true(text_equals_string(seen.attributes[0].value, "Sky blue"));
    assert_true(text_equals_string(seen.attributes[1].value, "1.5"));
    assert_true(text_equals_string(seen.attributes[1].unit, "kg"));
    assert_int_equal(shelf_inspect(made.id).attributes_count, 2);
    /* Other changes leave them. */
    const struct catalog_change_product rename = { .product_id = made.id,
                                                   .has_name = true,
                                                   .name = TEXT("Better lamp") };
    assert_int_equal(change(&rename), STATUS_OK);
    assert_int_equal(shelf_inspect(made.id).attributes_count, 2);
}

static void values_that_do_not_fit_are_refused_with_their_place(void **state)
{
    (void)state;
    const struct text_pair heavy[] = { { TEXT("weight"), TEXT("NaN") } };
    assert_refused(heavy, 1, "/attributes/weight");
    const struct text_pair green[] = { { TEXT("weight"), TEXT("1") },
                                       { TEXT("colour"), TEXT("green") } };
    assert_refused(green, 2, "/attributes/colour");
    const struct text_pair unknown[] = { { TEXT("weight"), TEXT("1") },
                                         { TEXT("height"), TEXT("1") } };
    assert_refused(unknown, 2, "/attributes/height");
    const struct text_pair odd[] = { { TEXT("we/ig~ht"), TEXT("1") } };
    assert_refused(odd, 1, "/attributes");
    assert_refused(NULL, 0, "/attributes/weight"); /* it is required */
}

static void required_ones_are_asked_for_when_a_product_is_published(void **state)
{
    (void)state;
    struct catalog_create_product wish = wish_with(NULL, 0);
    wish.has_status = true;
    wish.status = CATALOG_WANTED_STATUS_DRAFT;
    const struct uuid product = shelf_make(&wish).id;
    const struct catalog_publish_product publish = { .product_id = product };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_publish_product_message, &publish, NULL),
        STATUS_INVALID_VALUE);
    const struct text_pair pair = { TEXT("weight"), TEXT("2") };
    const struct catalog_change_product say = { .product_id = product,
                                                .attributes = &pair,
                                                .attributes_count = 1 };
    assert_int_equal(change(&say), STATUS_OK);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_publish_product_message, &publish, NULL),
        STATUS_OK);
    const struct catalog_change_product drop = { .product_id = product,
                                                 .has_remove_attributes = true,
                                                 .remove_attributes = true };
    assert_int_equal(change(&drop), STATUS_INVALID_VALUE);
}

static void in_another_category_only_what_that_asks_stays(void **state)
{
    (void)state;
    const struct text_pair pairs[] = { { TEXT("weight"), TEXT("3") },
                                       { TEXT("colour"), TEXT("Red") } };
    const struct catalog_create_product wish = wish_with(pairs, 2);
    const struct uuid product = shelf_make(&wish).id;
    const struct catalog_change_product up = { .product_id = product,
                                               .has_category_id = true,
                                               .category_id = top };
    assert_int_equal(change(&up), STATUS_OK);
    const struct catalog_own_product seen = shelf_inspect(product);
    assert_int_equal(seen.attributes_count, 1);
    assert_true(text_equals_string(seen.attributes[0].key, "colour"));
}

static void what_an_attribute_is_called_now_is_on_pages_at_once(void **state)
{
    (void)state;
    const struct text_pair pairs[] = { { TEXT("weight"), TEXT("2") },
                                       { TEXT("watts"), TEXT("60") } };
    struct catalog_category_attribute watts;
    struct catalog_create_category_attribute power =
        definition(low, "watts", CATALOG_ATTRIBUTE_TYPE_NUMBER);
    assert_int_equal(define(&power, &watts), STATUS_OK);
    const struct catalog_create_product wish = wish_with(pairs, 2);
    const struct uuid product = shelf_make(&wish).id;
    const struct catalog_change_category_attribute change_it = { .category_id = low,
                                                                 .attribute_id = watts.id,
                                                                 .name = TEXT("Power"),
                                                                 .has_unit = true,
                                                                 .unit = TEXT("W") };
    assert_int_equal(direct_call(SHELF.market, &SHELF.staff,
                                 &catalog_change_category_attribute_message, &change_it, NULL),
                     STATUS_OK);
    struct catalog_product seen;
    assert_int_equal(shelf_look(product, &seen), STATUS_OK);
    assert_int_equal(seen.attributes_count, 2);
    assert_true(text_equals_string(seen.attributes[1].name, "Power"));
    assert_true(text_equals_string(seen.attributes[1].unit, "W"));
    assert_true(text_equals_string(seen.attributes[1].value, "60"));
    const struct catalog_remove_category_attribute remove_it = { .category_id = low,
                                                                 .attribute_id = watts.id };
    assert_int_equal(direct_call(SHELF.market, &SHELF.staff,
                                 &catalog_remove_category_attribute_message, &remove_it, NULL),
                     STATUS_OK);
    assert_int_equal(shelf_look(product, &seen), STATUS_OK);
    assert_int_equal(seen.attributes_count, 1);
    assert_true(text_equals_string(seen.attributes[0].key, "weight"));
}

static void a_changed_attribute_is_news_and_guarded_by_its_version(void **state)
{
    (void)state;
    const struct catalog_category_attribute colour = list(top).data[0];
    const struct text choices[] = { TEXT("Red"), TEXT("Sky blue"), TEXT("Green") };
    struct catalog_change_category_attribute command = {
        .category_id = top,
        .attribute_id = colour.id,
        .name = TEXT("Shade"),
        .choices = choices,
        .choices_count = 3,
        .versions = &(int64_t){ colour.version + 1 },
        .versions_count = 1,
    };
    assert_int_equal(direct_call(SHELF.market, &SHELF.staff,
                                 &catalog_change_category_attribute_message, &command, NULL),
                     STATUS_PRECONDITION_FAILED);
    command.versions_count = 0;
    const size_t news = direct_events(SHELF.market, catalog_category_was_changed_message.number);
    assert_int_equal(direct_call(SHELF.market, &SHELF.staff,
                                 &catalog_change_category_attribute_message, &command, NULL),
                     STATUS_OK);
    assert_int_equal(direct_events(SHELF.market, catalog_category_was_changed_message.number),
                     news + 1);
    assert_true(text_equals_string(list(top).data[0].name, "Shade"));
    command.category_id = low; /* it is not defined there */
    assert_int_equal(direct_call(SHELF.market, &SHELF.staff,
                                 &catalog_change_category_attribute_message, &command, NULL),
                     STATUS_NOT_FOUND);
}

static struct uuid import(const struct text_pair *pairs, size_t count, enum status wanted)
{
    char vendor[ID_TEXT_MAX + 1];
    (void)id_format("ven", SHELF.vendor.id, vendor);
    const struct catalog_imported_variant variant = { .price = { 700, "EUR" } };
    const struct catalog_import_product command = {
        .identity = text_format(SHELF.arena, "%s/lamp", vendor),
        .vendor_id = SHELF.vendor.id,
        .category_id = low,
        .handle = TEXT("lamp"),
        .name = TEXT("Filed lamp"),
        .is_listed = true,
        .attributes = pairs,
        .attributes_count = count,
        .variants = &variant,
        .variants_count = 1,
    };
    struct catalog_product_imported reply = { .product_id = { { 0 } } };
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_import_product_message, &command, &reply), wanted);
    return reply.product_id;
}

static void a_file_says_attributes_and_leaves_those_that_it_does_not_know(void **state)
{
    (void)state;
    const struct text_pair both[] = { { TEXT("weight"), TEXT("4.0") },
                                      { TEXT("colour"), TEXT("red") } };
    const struct text_pair lighter[] = { { TEXT("weight"), TEXT("2") } };
    const struct text_pair plain[] = { { TEXT("colour"), TEXT("") } };
    const struct text_pair wrong[] = { { TEXT("weight"), TEXT("heavy") } };
    const struct uuid product = import(both, 2, STATUS_OK);
    assert_int_equal(shelf_inspect(product).attributes_count, 2);
    (void)import(lighter, 1, STATUS_OK);
    assert_true(text_equals_string(shelf_inspect(product).attributes[1].value, "2"));
    assert_true(text_equals_string(shelf_inspect(product).attributes[0].value, "Red"));
    (void)import(plain, 1, STATUS_OK);
    assert_int_equal(shelf_inspect(product).attributes_count, 1);
    (void)import(NULL, 0, STATUS_OK);
    assert_int_equal(shelf_inspect(product).attributes_count, 1);
    (void)import(wrong, 1, STATUS_INVALID_VALUE);
}

static void attributes_go_with_their_definition(void **state)
{
    (void)state;
    const struct uuid product = import(NULL, 0, STATUS_OK);
    const struct catalog_category_attributes all = list(low);
    for (size_t i = 0; i < all.data_count; i++) {
        const struct catalog_remove_category_attribute command = { .category_id =
                                                                       all.data[i].category_id,
                                                                   .attribute_id = all.data[i].id };
        assert_int_equal(direct_call(SHELF.market, &SHELF.staff,
                                     &catalog_remove_category_attribute_message, &command, NULL),
                         STATUS_OK);
    }
    assert_int_equal(shelf_inspect(product).attributes_count, 0);
    assert_int_equal(list(low).data_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_defined_once_on_the_way_to_a_leaf),
        cmocka_unit_test(attributes_are_those_of_the_category_and_above_the_nearest_of_each_key),
        cmocka_unit_test(what_is_no_attribute_is_refused_with_its_place),
        cmocka_unit_test(a_category_has_fifty_attributes_of_its_own_at_most),
        cmocka_unit_test(a_product_says_what_its_category_asks),
        cmocka_unit_test(values_that_do_not_fit_are_refused_with_their_place),
        cmocka_unit_test(required_ones_are_asked_for_when_a_product_is_published),
        cmocka_unit_test(in_another_category_only_what_that_asks_stays),
        cmocka_unit_test(a_file_says_attributes_and_leaves_those_that_it_does_not_know),
        cmocka_unit_test(what_an_attribute_is_called_now_is_on_pages_at_once),
        cmocka_unit_test(a_changed_attribute_is_news_and_guarded_by_its_version),
        cmocka_unit_test(attributes_go_with_their_definition),
    };
    return cmocka_run_group_tests(tests, open_tree, shelf_close);
}
