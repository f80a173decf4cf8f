/* Builders of goods for tests. */
#include "tests/actors/catalog/goods.h"

#include <string.h>

#include "tests/support/cmocka.h"

enum { COPY_TRIES = 400, COPY_PAUSE_US = 25000 };

static struct stage *stage_of_all; /* cmocka gives each test its story as its state */

void goods_tell(void **state)
{
    const struct story *story = *state;
    stage_run(stage_of_all, story->tell, NULL);
}

int goods_open(void **state)
{
    static const char *const domains[] = { "vendor", "catalog", "order" };
    (void)state;
    stage_of_all = stage_new(domains, ARRAY_LENGTH(domains));
    return 0;
}

int goods_close(void **state)
{
    (void)state;
    stage_destroy(&stage_of_all);
    return 0;
}

static struct text hex_of(struct stage *stage, struct uuid id)
{
    struct text_builder builder;
    text_builder_init(&builder, stage_arena(stage), 64);
    for (size_t i = 0; i < sizeof id.bytes; i++)
        text_builder_add(&builder, text_format(stage_arena(stage), "%02x", id.bytes[i]));
    return text_builder_view(&builder);
}

const char *goods_sql(struct stage *stage, const char *format, struct uuid id)
{
    struct text_builder sql;
    const char *place = strstr(format, "%s");
    assert(place != NULL);
    text_builder_init(&sql, stage_arena(stage), 4096);
    text_builder_add(&sql, (struct text){ .data = format, .length = (size_t)(place - format) });
    text_builder_add(&sql, hex_of(stage, id));
    text_builder_add(&sql, text_of(place + 2));
    return stage_sql(stage, "catalog", text_string(stage_arena(stage), text_builder_view(&sql)));
}

struct uuid goods_vendor(struct stage *stage, const char *name)
{
    const struct vendor_import_vendor command = { .name = text_of(name) };
    struct vendor_vendor_imported reply;
    const struct uuid nobody = { 0 };
    assert_int_equal(stage_ask(stage, nobody, &vendor_import_vendor_message, &command, &reply),
                     STATUS_OK);
    for (int i = 0; i < COPY_TRIES; i++) {
        if (strcmp(goods_sql(stage,
                             "SELECT count(*) FROM catalog.vendor_copy WHERE vendor_id = '%s'",
                             reply.vendor_id),
                   "1") == 0)
            return reply.vendor_id;
        stage_sleep(stage, COPY_PAUSE_US);
    }
    fail_msg("the catalogue never heard of the vendor");
    return nobody;
}

struct uuid goods_category(struct stage *stage, const char *path)
{
    const struct catalog_import_category command = { .path = text_of(path) };
    struct catalog_category_imported reply;
    const struct uuid nobody = { 0 };
    assert_int_equal(stage_ask(stage, nobody, &catalog_import_category_message, &command, &reply),
                     STATUS_OK);
    return reply.category_id;
}

void goods_describe(struct stage *stage, struct goods *goods, struct uuid vendor,
                    struct uuid category, const char *name)
{
    char vendor_id[ID_TEXT_MAX + 1];
    (void)id_format("ven", vendor, vendor_id);
    *goods = (struct goods){ 0 };
    goods->variants[0] = (struct catalog_imported_variant){ .price = { 500, "EUR" },
                                                            .has_quantity = true,
                                                            .quantity = 10 };
    goods->command = (struct catalog_import_product){
        .identity = text_format(stage_arena(stage), "%s/%s", vendor_id, name),
        .vendor_id = vendor,
        .category_id = category,
        .handle = text_of(name),
        .name = text_of(name),
        .description = TEXT("Made by hand."),
        .is_listed = true,
        .variants = goods->variants,
        .variants_count = 1,
    };
}

struct catalog_product_imported goods_import(struct stage *stage, const struct goods *goods)
{
    struct catalog_product_imported reply;
    const struct uuid nobody = { 0 };
    assert_int_equal(
        stage_ask(stage, nobody, &catalog_import_product_message, &goods->command, &reply),
        STATUS_OK);
    return reply;
}

struct uuid goods_variant(struct stage *stage, struct uuid product)
{
    struct catalog_product reply;
    const struct catalog_get_product query = { .product_id = product };
    const struct uuid nobody = { 0 };
    assert_int_equal(stage_ask(stage, nobody, &catalog_get_product_message, &query, &reply),
                     STATUS_OK);
    assert_true(reply.variants_count > 0);
    return reply.variants[0].id;
}
