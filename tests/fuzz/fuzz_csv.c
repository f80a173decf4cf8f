/* Any file may be given to an import: CSV, product rows, and the HTML in them. */
#include <string.h>

#include "messages/product_file/product_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *data;
    size_t size;
    size_t step; /* bytes of one read, so that rows are cut anywhere */
};

static enum status read_input(void *context, uint64_t offset, char *buffer, size_t capacity,
                              size_t *ret_length)
{
    const struct input *input = context;
    size_t length = offset < input->size ? input->size - (size_t)offset : 0;
    if (length > input->step) length = input->step;
    if (length > capacity) length = capacity;
    memcpy(buffer, input->data + offset, length);
    *ret_length = length;
    return STATUS_OK;
}

/* After a header that has every column, the input is rows. */
static const char header[] =
    "Handle,Title,Body (HTML),Vendor,Product Category,Type,Published,Option1 Name,Option1 Value,"
    "Variant SKU,Variant Grams,Variant Inventory Qty,Variant Price,Variant Compare At Price,"
    "Image Src,Image Position,Status\n";

static void read_products(const uint8_t *data, size_t size, size_t step)
{
    struct input input = { data, size, step };
    const struct byte_source source = { .context = &input, .read = read_input };
    const struct product_file_options options = { .vendor = TEXT("Somebody"),
                                                  .currency = "EUR",
                                                  .preset = PRESET_BY_HEADER };
    struct product_reader *reader = product_reader_new(&source, &options);
    struct arena *arena = arena_new(4096);
    struct file_problem problem;
    struct file_product *product;
    enum status status = product_reader_open(reader, &problem);
    while (status == STATUS_OK) {
        arena_reset(arena);
        status = product_reader_next(reader, arena, &product);
        if (status == STATUS_OK && !product->is_bad) {
            assert(product->command.variants_count > 0);
            assert(text_is_utf8(product->command.description));
            assert(text_is_utf8(product->command.name));
        }
    }
    arena_destroy(&arena);
    product_reader_destroy(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { ROWS_MAX = 1 << 16 };
    static uint8_t file[sizeof header + ROWS_MAX];
    if (size > ROWS_MAX) return 0;
    const size_t step = size == 0 ? 1 : 1 + data[0] % 64;
    read_products(data, size, step);
    memcpy(file, header, sizeof header - 1);
    if (size > 0) memcpy(file + sizeof header - 1, data, size);
    read_products(file, sizeof header - 1 + size, step);
    return 0;
}
