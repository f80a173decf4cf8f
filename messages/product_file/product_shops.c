/* The headers of Medusa and Spree. */
#include "messages/product_file/product_shops.h"

/* Version 2, and after it version 1 where it differs. */
const struct alias product_medusa_aliases[] = {
    { "Product Handle", PRODUCT_HANDLE, 0 },
    { "Product Title", PRODUCT_NAME, 0 },
    { "Product Description", PRODUCT_DESCRIPTION, 0 },
    { "Product Status", PRODUCT_STATUS, 0 },
    { "Product Category 1", PRODUCT_CATEGORY, 0 },
    { "Variant SKU", PRODUCT_SKU, 0 },
    { "Variant Barcode", PRODUCT_BARCODE, 0 },
    { "Variant Price $", PRODUCT_PRICE, 0 },
    { "Variant Weight", PRODUCT_WEIGHT, WEIGHT_GRAMS },
    { "Variant Option 1 Name", PRODUCT_OPTION1_NAME, 0 },
    { "Variant Option 1 Value", PRODUCT_OPTION1_VALUE, 0 },
    { "Variant Option 2 Name", PRODUCT_OPTION2_NAME, 0 },
    { "Variant Option 2 Value", PRODUCT_OPTION2_VALUE, 0 },
    { "Variant Option 3 Name", PRODUCT_OPTION3_NAME, 0 },
    { "Variant Option 3 Value", PRODUCT_OPTION3_VALUE, 0 },
    { "Product Image # Url", PRODUCT_IMAGE, 0 },
    { "Product Type", PRODUCT_TYPE, 0 },
    { "Variant Inventory Quantity", PRODUCT_QUANTITY, 0 },
    { "Variant Allow Backorder", PRODUCT_SELLS_AHEAD, 0 },
    { "Price $", PRODUCT_PRICE, 0 },
    { "Option 1 Name", PRODUCT_OPTION1_NAME, 0 },
    { "Option 1 Value", PRODUCT_OPTION1_VALUE, 0 },
    { "Option 2 Name", PRODUCT_OPTION2_NAME, 0 },
    { "Option 2 Value", PRODUCT_OPTION2_VALUE, 0 },
    { "Option 3 Name", PRODUCT_OPTION3_NAME, 0 },
    { "Option 3 Value", PRODUCT_OPTION3_VALUE, 0 },
    { "Image # Url", PRODUCT_IMAGE, 0 },
};

const struct alias product_spree_aliases[] = {
    { "slug", PRODUCT_HANDLE, 0 },
    { "name", PRODUCT_NAME, 0 },
    { "description", PRODUCT_DESCRIPTION_HTML, 0 },
    { "vendor_name", PRODUCT_VENDOR, 0 },
    { "seller_name", PRODUCT_VENDOR, 0 },
    { "category1", PRODUCT_CATEGORY, 0 },
    { "status", PRODUCT_STATUS, 0 },
    { "sku", PRODUCT_SKU, 0 },
    { "barcode", PRODUCT_BARCODE, 0 },
    { "price", PRODUCT_PRICE, 0 },
    { "compare_at_price", PRODUCT_COMPARE_AT, 0 },
    { "currency", PRODUCT_CURRENCY, 0 },
    { "inventory_count", PRODUCT_QUANTITY, 0 },
    { "weight", PRODUCT_WEIGHT, WEIGHT_KILOGRAMS },
    { "weight_unit", PRODUCT_WEIGHT_UNIT, 0 },
    { "option1_name", PRODUCT_OPTION1_NAME, 0 },
    { "option1_value", PRODUCT_OPTION1_VALUE, 0 },
    { "option2_name", PRODUCT_OPTION2_NAME, 0 },
    { "option2_value", PRODUCT_OPTION2_VALUE, 0 },
    { "option3_name", PRODUCT_OPTION3_NAME, 0 },
    { "option3_value", PRODUCT_OPTION3_VALUE, 0 },
    { "image#_src", PRODUCT_IMAGE, 0 },
};

static_assert(ARRAY_LENGTH(product_medusa_aliases) == PRODUCT_MEDUSA_ALIASES, "as declared");
static_assert(ARRAY_LENGTH(product_spree_aliases) == PRODUCT_SPREE_ALIASES, "as declared");
