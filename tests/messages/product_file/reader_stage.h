/* A file in memory, read product by product, and what a test says of the next one. */
#pragma once

#include "messages/product_file/product_reader.h"
#include "messages/product_file/product_values.h"
#include "tests/messages/product_file/memory_source.h"
#include "tests/support/cmocka.h"

static struct memory_source memory;
static struct product_reader *reader;
static struct arena *arena;
static struct file_problem problem;
static struct file_product *product;

static inline enum status open_file(const char *file, const char *vendor)
{
    product_reader_destroy(&reader);
    memory = (struct memory_source){ .file = text_of(file), .step = 7 };
    const struct byte_source source = { .context = &memory, .read = memory_source_read };
    const struct product_file_options options = { .vendor = text_of(vendor),
                                                  .currency = "EUR",
                                                  .preset = PRESET_BY_HEADER };
    reader = product_reader_new(&source, &options);
    return product_reader_open(reader, &problem);
}

static inline int open_arena(void **state)
{
    (void)state;
    arena = arena_new(4096);
    return 0;
}

static inline int close_all(void **state)
{
    (void)state;
    product_reader_destroy(&reader);
    arena_destroy(&arena);
    return 0;
}

static inline void next_is_good(const char *handle)
{
    assert_int_equal(product_reader_next(reader, arena, &product), STATUS_OK);
    if (product->is_bad) fail_msg("%s", product->problems[0].detail);
    assert_text_equal(product->command.handle, text_of(handle));
}

static inline void next_is_bad(uint64_t line, const char *column, const char *words)
{
    assert_int_equal(product_reader_next(reader, arena, &product), STATUS_OK);
    assert_true(product->is_bad);
    assert_int_equal(product->problems[0].line, line);
    assert_string_equal(product->problems[0].column, column);
    if (strstr(product->problems[0].detail, words) == NULL)
        fail_msg("'%s' does not say '%s'", product->problems[0].detail, words);
}

static inline void assert_end(void)
{
    assert_int_equal(product_reader_next(reader, arena, &product), STATUS_NOT_FOUND);
}

#define HEADER "Handle,Title,Vendor,Variant Price\n"

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, open_arena, close_all)
