/* What comparing contents and describing the difference share: the entries of a content by what
 * names them, NULL where there is none. Pure. */
#pragma once

#include "actors/catalog/catalog_content.h"

const struct catalog_content_options *
catalog_content_find_options(const struct catalog_product_content *content, struct uuid variant_id);
const struct catalog_content_parts *
catalog_content_find_parts(const struct catalog_product_content *content, struct uuid variant_id);
/* Empty: none. */
const struct text *catalog_content_find_barcode(const struct catalog_product_content *content,
                                                struct uuid variant_id);
const struct catalog_product_attribute *
catalog_content_find_attribute(const struct catalog_product_content *content, struct text key);
const struct catalog_product_translation *
catalog_content_find_translation(const struct catalog_product_content *content,
                                 struct text language);

enum { CATALOG_CONTENT_SAID = 4 };

/* What a translation says of one text; NULL: nothing. */
struct catalog_content_said {
    const char *name;
    const struct text *text;
};
/* Of all texts, in the same order always; of no translation (NULL) nothing. */
void catalog_content_list_said(const struct catalog_product_translation *of,
                               struct catalog_content_said said[CATALOG_CONTENT_SAID]);
