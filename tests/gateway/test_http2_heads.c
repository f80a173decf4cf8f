/* How many fields an encoded head has, before anybody decodes it. */
#include "gateway/http2_heads.h"

#include "tests/support/cmocka.h"

#define COUNT(bytes) http2_heads_count((const uint8_t *)(bytes), sizeof(bytes) - 1)

static void each_form_of_a_field_counts_once(void **state)
{
    (void)state;
    assert_int_equal(COUNT(""), 0);
    assert_int_equal(COUNT("\x82\x86\xbe"), 3);                /* in the table */
    assert_int_equal(COUNT("\x04\x01/\x44\x01/\x14\x01/"), 3); /* with a name of the table */
    assert_int_equal(COUNT("\x40\x01"
                           "a\x01"
                           "b\x00\x01"
                           "a\x81\x07"),
                     2); /* with a name of its own; a value in Huffman's code */
    assert_int_equal(COUNT("\xff\x80\x01\x82"), 2); /* a number of several octets */
}

static void change_of_the_tables_size_is_no_field(void **state)
{
    (void)state;
    assert_int_equal(COUNT("\x20\x3f\xe1\x1f\x82"), 1);
}

static void broken_block_counts_up_to_where_it_breaks(void **state)
{
    (void)state;
    assert_int_equal(COUNT("\x82\x04\x7f"), 2);  /* a length without its end */
    assert_int_equal(COUNT("\x82\x04\x05/"), 2); /* fewer bytes than it says */
    assert_int_equal(COUNT("\x82\xff\xff\xff\xff\xff\xff\x01\x82"), 2); /* too large a number */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_of_a_field_counts_once),
        cmocka_unit_test(change_of_the_tables_size_is_no_field),
        cmocka_unit_test(broken_block_counts_up_to_where_it_breaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
