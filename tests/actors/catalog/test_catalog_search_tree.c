/* Claims about search and lists when a category has moved or is called otherwise, with a node and
 * PostgreSQL. */
#include <stdio.h>

#include "tests/actors/catalog/goods.h"
#include "tests/support/cmocka.h"

enum { TRIES = 400, PRODUCTS = 230 };
#define PAUSE_US 25000
#define WAIT_US 5000000

static const struct uuid nobody;
static struct uuid vendor, garden, house, tables;

static int count_found(struct stage *stage, struct catalog_list_products query)
{
    struct catalog_product_page page;
    query.has_limit = true;
    query.limit = 1;
    query.facets = (const enum catalog_product_facet[]){ CATALOG_PRODUCT_FACET_CATEGORY };
    query.facets_count = 1;
    if (stage_ask(stage, nobody, &catalog_list_products_message, &query, &page) != STATUS_OK)
        return -1;
    return (int)page.total;
}

static void assert_comes_to(struct stage *stage, const struct catalog_list_products query,
                            int count)
{
    int found = count_found(stage, query);
    for (int i = 0; i < TRIES && found != count; i++) {
        stage_sleep(stage, PAUSE_US);
        found = count_found(stage, query);
    }
    assert_int_equal(found, count);
}

static int count_listed(struct stage *stage, struct uuid category)
{
    const struct catalog_list_products query = {
        .has_category = true, .category = category, .has_limit = true, .limit = 100
    };
    struct catalog_product_page page;
    assert_int_equal(stage_ask(stage, nobody, &catalog_list_products_message, &query, &page),
                     STATUS_OK);
    return (int)page.data_count;
}

static struct catalog_list_products in(struct uuid category)
{
    return (struct catalog_list_products){ .has_category = true, .category = category };
}

static enum status say(struct stage *stage, const struct message *message, const void *body)
{
    const struct principal staff = { .kind = PRINCIPAL_ADMIN,
                                     .id = stage_new_id(stage, 5),
                                     .rights = UINT64_MAX };
    struct envelope envelope, reply;
    stage_address(stage, nobody, message, body, &envelope);
    stage_sign(stage, &staff, &envelope);
    assert_int_equal(stage_send(stage, ROLE_STORE, &envelope, WAIT_US, &reply), STATUS_OK);
    return reply.status;
}

static void change(struct stage *stage, struct catalog_change_category command)
{
    command.category_id = tables;
    assert_int_equal(say(stage, &catalog_change_category_message, &command), STATUS_OK);
}

static void open_shop(struct stage *stage, void *context)
{
    (void)context;
    vendor = goods_vendor(stage, "Oak and Ash");
    garden = goods_category(stage, "Garden");
    house = goods_category(stage, "House");
    tables = goods_category(stage, "Garden > Tables");
    for (int i = 0; i < PRODUCTS; i++) {
        struct goods goods;
        char name[32];
        (void)snprintf(name, sizeof name, "Thing %d", i);
        goods_describe(stage, &goods, vendor, tables, name);
        (void)goods_import(stage, &goods);
    }
    assert_comes_to(stage, in(garden), PRODUCTS);
}

static void products_are_found_where_their_category_has_moved(struct stage *stage, void *context)
{
    (void)context;
    const struct catalog_change_category command = { .has_parent_id = true, .parent_id = house };
    change(stage, command);
    assert_comes_to(stage, in(house), PRODUCTS);
    assert_comes_to(stage, in(garden), 0);
    assert_comes_to(stage, in(tables), PRODUCTS);
    for (int i = 0; i < TRIES && count_listed(stage, garden) > 0; i++)
        stage_sleep(stage, PAUSE_US);
    assert_int_equal(count_listed(stage, garden), 0);
    assert_int_equal(count_listed(stage, house), 100);
}

static void products_are_found_by_the_new_name_of_their_category(struct stage *stage, void *context)
{
    (void)context;
    const struct catalog_change_category command = { .has_name = true, .name = TEXT("Desks") };
    change(stage, command);
    const struct catalog_list_products query = { .has_q = true, .q = TEXT("desks") };
    assert_comes_to(stage, query, PRODUCTS);
    const struct catalog_suggest asked = { .q = TEXT("des") };
    struct catalog_suggestions found;
    assert_int_equal(stage_ask(stage, nobody, &catalog_suggest_message, &asked, &found), STATUS_OK);
    assert_true(found.data_count >= 1);
    assert_true(text_equals_string(found.data[0].text, "Desks"));
}

static void products_are_found_by_what_they_say_of_a_filterable_attribute(struct stage *stage,
                                                                          void *context)
{
    (void)context;
    struct catalog_create_category_attribute weight = { .category_id = house,
                                                        .key = TEXT("weight"),
                                                        .name = TEXT("Weight"),
                                                        .type = CATALOG_ATTRIBUTE_TYPE_NUMBER,
                                                        .has_unit = true,
                                                        .unit = TEXT("kg") };
    const struct catalog_list_products heavy = { .has_attributes = true,
                                                 .attributes = TEXT("weight:2.5 kg") };
    assert_int_equal(say(stage, &catalog_create_category_attribute_message, &weight), STATUS_OK);
    struct goods goods;
    const struct text_pair pair = { TEXT("weight"), TEXT("2.50") };
    goods_describe(stage, &goods, vendor, tables, "Thing 7");
    goods.command.attributes = &pair;
    goods.command.attributes_count = 1;
    (void)goods_import(stage, &goods);
    const struct catalog_list_category_attributes query = { .category_id = tables };
    struct catalog_category_attributes known;
    assert_int_equal(
        stage_ask(stage, nobody, &catalog_list_category_attributes_message, &query, &known),
        STATUS_OK);
    assert_int_equal(known.data_count, 1);
    assert_int_equal(count_found(stage, heavy), 0); /* nobody filters by it yet */
    const struct catalog_change_category_attribute filterable = { .category_id = house,
                                                                  .attribute_id = known.data[0].id,
                                                                  .name = TEXT("Weight"),
                                                                  .has_unit = true,
                                                                  .unit = TEXT("kg"),
                                                                  .has_is_filterable = true,
                                                                  .is_filterable = true };
    assert_int_equal(say(stage, &catalog_change_category_attribute_message, &filterable),
                     STATUS_OK);
    assert_comes_to(stage, heavy, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(open_shop),
        STORY(products_are_found_where_their_category_has_moved),
        STORY(products_are_found_by_the_new_name_of_their_category),
        STORY(products_are_found_by_what_they_say_of_a_filterable_attribute),
    };
    return cmocka_run_group_tests(tests, goods_open, goods_close);
}
