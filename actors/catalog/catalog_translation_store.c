/* SQL of translations, and answers in other languages. */
#include "actors/catalog/catalog_translation_store.h"

#include <stdlib.h>
#include <string.h>

enum { CATEGORIES_MAX = 5000, PATH_BYTES_MAX = 15 * (4 * 200 + 3) };

/* ---- of products ---- */

static const struct statement translations_load = {
    .name = "catalog_translations_load",
    .sql = "SELECT language, coalesce(name, ''), coalesce(description, ''),"
           " coalesce(seo_title, ''), coalesce(seo_description, '')"
           " FROM catalog.product_translation WHERE product_id = $1 ORDER BY language LIMIT 8",
};

static struct catalog_product_translation read_translation(struct row *row)
{
    struct catalog_product_translation said = { .language = row_text(row) };
    said.name = row_text(row);
    said.has_name = said.name.length > 0;
    said.description = row_text(row);
    said.has_description = said.description.length > 0;
    said.seo_title = row_text(row);
    said.has_seo_title = said.seo_title.length > 0;
    said.seo_description = row_text(row);
    said.has_seo_description = said.seo_description.length > 0;
    return said;
}

enum status catalog_translation_store_load(struct request *request, struct catalog_item *item)
{
    static_assert(CATALOG_TRANSLATIONS_MAX == 8, "the LIMIT of translations_load");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, item->id);
    TRY(request_query(request, &translations_load, params, &rows));
    struct catalog_product_translation *list =
        arena_allocate_array(arena, rows.count, sizeof *list);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        list[i] = read_translation(&row);
    }
    item->translations = list;
    item->translations_count = rows.count;
    return STATUS_OK;
}

static const struct statement translations_save = {
    .name = "catalog_translations_save",
    .sql = "WITH gone AS (DELETE FROM catalog.product_translation WHERE product_id = $1"
           " AND language <> ALL ($2::text[]))"
           " INSERT INTO catalog.product_translation"
           " (product_id, language, name, description, seo_title, seo_description)"
           " SELECT $1, u.language, nullif(u.name, ''), nullif(u.description, ''),"
           " nullif(u.seo_title, ''), nullif(u.seo_description, '')"
           " FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[])"
           " AS u (language, name, description, seo_title, seo_description)"
           " ON CONFLICT (product_id, language) DO UPDATE SET name = excluded.name,"
           " description = excluded.description, seo_title = excluded.seo_title,"
           " seo_description = excluded.seo_description",
};

void catalog_translation_store_save(struct request *request, const struct catalog_item *item)
{
    enum { COLUMNS = 5 };
    struct arena *arena = request_arena(request);
    const size_t count = item->translations_count;
    struct text *cells = arena_allocate_array(arena, COLUMNS * count, sizeof *cells);
    for (size_t i = 0; i < count; i++) {
        const struct catalog_product_translation *said = &item->translations[i];
        cells[i] = said->language;
        if (said->has_name) cells[count + i] = said->name;
        if (said->has_description) cells[2 * count + i] = said->description;
        if (said->has_seo_title) cells[3 * count + i] = said->seo_title;
        if (said->has_seo_description) cells[4 * count + i] = said->seo_description;
    }
    struct store_params *params = request_write(request, &translations_save);
    param_uuid(params, arena, item->id);
    for (size_t i = 0; i < COLUMNS; i++)
        param_text_array(params, arena, cells + i * count, count);
}

/* ---- of categories ---- */

static const struct statement names_list = {
    .name = "catalog_category_translations",
    .sql = "SELECT language, name FROM catalog.category_translation WHERE category_id = $1"
           " ORDER BY language LIMIT 16",
};

enum status catalog_translation_store_list(struct request *request, struct uuid category_id,
                                           const struct catalog_category_translation **ret_list,
                                           size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, category_id);
    TRY(request_query(request, &names_list, params, &rows));
    struct catalog_category_translation *list =
        arena_allocate_array(arena, rows.count, sizeof *list);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        list[i].language = row_text(&row);
        list[i].name = row_text(&row);
    }
    *ret_list = list;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement name_save = {
    .name = "catalog_category_translation_save",
    .sql = "INSERT INTO catalog.category_translation (category_id, language, name)"
           " VALUES ($1, $2, $3) ON CONFLICT (category_id, language) DO UPDATE"
           " SET name = excluded.name",
    .on_reference = STATUS_CONFLICT, /* the category is gone: the handler looks again */
};

static const struct statement name_delete = {
    .name = "catalog_category_translation_delete",
    .sql = "DELETE FROM catalog.category_translation WHERE category_id = $1 AND language = $2",
};

void catalog_translation_store_name(struct request *request, struct uuid category_id,
                                    struct text language, struct text name)
{
    struct arena *arena = request_arena(request);
    struct store_params *params =
        request_write(request, name.length > 0 ? &name_save : &name_delete);
    param_uuid(params, arena, category_id);
    param_text(params, arena, language);
    if (name.length > 0) param_text(params, arena, name);
}

/* ---- names for shoppers ---- */

static const struct statement names_of_language = {
    .name = "catalog_category_names",
    .sql = "SELECT category_id, name FROM catalog.category_translation WHERE language = $1"
           " ORDER BY category_id LIMIT 5000",
};

/* Rows of ids, in their order, and names. */
static void read_names(struct arena *arena, const struct rows *rows,
                       struct catalog_names *ret_names)
{
    struct catalog_names names = { .count = rows->count };
    names.ids = arena_allocate_array(arena, rows->count, sizeof *names.ids);
    names.names = arena_allocate_array(arena, rows->count, sizeof *names.names);
    for (size_t i = 0; i < rows->count; i++) {
        struct row row = rows_at(rows, i);
        names.ids[i] = row_uuid(&row);
        names.names[i] = row_text(&row);
    }
    *ret_names = names;
}

enum status catalog_translate_categories(struct request *request, struct text language,
                                         struct catalog_names *ret_names)
{
    static_assert(CATEGORIES_MAX == 5000, "the LIMIT of names_of_language");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_text(params, arena, language);
    TRY(request_query(request, &names_of_language, params, &rows));
    read_names(arena, &rows, ret_names);
    return STATUS_OK;
}

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct uuid));
}

struct text catalog_names_find(const struct catalog_names *names, struct uuid id,
                               struct text otherwise)
{
    if (names->count == 0) return otherwise;
    const struct uuid *found =
        bsearch(&id, names->ids, names->count, sizeof *names->ids, compare_ids);
    return found != NULL ? names->names[found - names->ids] : otherwise;
}

const struct catalog_breadcrumb *
catalog_translate_breadcrumbs(struct arena *arena, const struct catalog_names *names,
                              const struct catalog_breadcrumb *crumbs, size_t count,
                              struct text *path)
{
    struct catalog_breadcrumb *list = arena_allocate_array(arena, count, sizeof *list);
    struct text_builder joined;
    text_builder_init(&joined, arena, PATH_BYTES_MAX);
    for (size_t i = 0; i < count; i++) {
        list[i] = crumbs[i];
        list[i].name = catalog_names_find(names, crumbs[i].id, crumbs[i].name);
        if (i > 0) text_builder_add(&joined, TEXT(" > "));
        text_builder_add(&joined, list[i].name);
    }
    if (!joined.is_full && count > 0) *path = text_builder_view(&joined);
    return list;
}

/* ---- products for shoppers ---- */

static const struct statement translation_get = {
    .name = "catalog_translation_get",
    .sql = "SELECT language, coalesce(name, ''), coalesce(description, ''),"
           " coalesce(seo_title, ''), coalesce(seo_description, '')"
           " FROM catalog.product_translation WHERE product_id = $1 AND language = $2",
};

enum status catalog_translate_product(struct request *request, struct text language,
                                      struct catalog_product *product)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct catalog_names names;
    struct rows rows;
    TRY(catalog_translate_categories(request, language, &names));
    product->breadcrumbs = catalog_translate_breadcrumbs(
        arena, &names, product->breadcrumbs, product->breadcrumbs_count, &product->category.path);
    param_uuid(params, arena, product->id);
    param_text(params, arena, language);
    TRY(request_query(request, &translation_get, params, &rows));
    if (rows.count == 0) return STATUS_OK;
    struct row row = rows_at(&rows, 0);
    const struct catalog_product_translation said = read_translation(&row);
    if (said.has_name) product->name = said.name;
    if (said.has_description) product->description = said.description;
    /* Texts for search engines that were written for another name do not stand beside this one. */
    product->has_seo_title = said.has_seo_title || (product->has_seo_title && !said.has_name);
    if (said.has_seo_title) product->seo_title = said.seo_title;
    product->has_seo_description =
        said.has_seo_description || (product->has_seo_description && !said.has_description);
    if (said.has_seo_description) product->seo_description = said.seo_description;
    return STATUS_OK;
}

/* Of each product its name, and the path of its category. */
static const struct statement summaries_translate = {
    .name = "catalog_summaries_translate",
    .sql = "SELECT coalesce(t.name, ''), coalesce(c.path, '') FROM unnest($1::uuid[], $2::uuid[])"
           " WITH ORDINALITY AS u (product, category, place)"
           " LEFT JOIN catalog.product_translation t"
           " ON t.product_id = u.product AND t.language = $3"
           " LEFT JOIN LATERAL (SELECT string_agg(coalesce(n.name, a.name), ' > '"
           " ORDER BY w.place) AS path FROM catalog.category g"
           " CROSS JOIN LATERAL unnest(g.ancestors) WITH ORDINALITY AS w (id, place)"
           " JOIN catalog.category a ON a.id = w.id"
           " LEFT JOIN catalog.category_translation n"
           " ON n.category_id = w.id AND n.language = $3 WHERE g.id = u.category) c ON true"
           " ORDER BY u.place",
};

enum status catalog_translate_summaries(struct request *request, struct text language,
                                        struct catalog_product_summary *summaries, size_t count)
{
    if (count == 0) return STATUS_OK;
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct uuid *products = arena_allocate_array(arena, count, sizeof *products);
    struct uuid *categories = arena_allocate_array(arena, count, sizeof *categories);
    struct rows rows;
    for (size_t i = 0; i < count; i++) {
        products[i] = summaries[i].id;
        categories[i] = summaries[i].category.id;
    }
    param_uuid_array(params, arena, products, count);
    param_uuid_array(params, arena, categories, count);
    param_text(params, arena, language);
    TRY(request_query(request, &summaries_translate, params, &rows));
    assert(rows.count == count);
    for (size_t i = 0; i < count; i++) {
        struct row row = rows_at(&rows, i);
        const struct text name = row_text(&row), path = row_text(&row);
        if (name.length > 0) summaries[i].name = name;
        if (path.length > 0) summaries[i].category.path = path;
    }
    return STATUS_OK;
}

/* ---- offers for carts ---- */

static const struct statement names_of_products = {
    .name = "catalog_product_names",
    .sql = "SELECT product_id, name FROM catalog.product_translation"
           " WHERE product_id = ANY ($1::uuid[]) AND language = $2 AND name IS NOT NULL"
           " ORDER BY product_id",
};

static enum status load_product_names(struct request *request, struct text language,
                                      const struct catalog_offers *offers,
                                      struct catalog_names *ret_names)
{
    struct arena *arena = request_arena(request);
    size_t room = 0, count = 0;
    for (size_t i = 0; i < offers->offers_count; i++)
        room += 1 + offers->offers[i].parts_count;
    struct uuid *ids = arena_allocate_array(arena, room, sizeof *ids);
    for (size_t i = 0; i < offers->offers_count; i++) {
        const struct catalog_offer *offer = &offers->offers[i];
        ids[count++] = offer->product_id;
        for (size_t k = 0; k < offer->parts_count; k++)
            ids[count++] = offer->parts[k].product_id;
    }
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid_array(params, arena, ids, count);
    param_text(params, arena, language);
    TRY(request_query(request, &names_of_products, params, &rows));
    read_names(arena, &rows, ret_names);
    return STATUS_OK;
}

enum status catalog_translate_offers(struct request *request, struct text language,
                                     struct catalog_offers *offers)
{
    struct arena *arena = request_arena(request);
    struct catalog_names names;
    TRY(load_product_names(request, language, offers, &names));
    if (names.count == 0) return STATUS_OK;
    struct catalog_offer *said =
        arena_copy(arena, offers->offers, offers->offers_count * sizeof *said);
    for (size_t i = 0; i < offers->offers_count; i++) {
        said[i].name = catalog_names_find(&names, said[i].product_id, said[i].name);
        if (said[i].parts_count == 0) continue;
        struct catalog_bundle_part *parts =
            arena_copy(arena, said[i].parts, said[i].parts_count * sizeof *parts);
        for (size_t k = 0; k < said[i].parts_count; k++)
            parts[k].name = catalog_names_find(&names, parts[k].product_id, parts[k].name);
        said[i].parts = parts;
    }
    offers->offers = said;
    return STATUS_OK;
}
