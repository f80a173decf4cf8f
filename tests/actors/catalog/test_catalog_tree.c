/* Claims about where categories may go, and in which order a tree is read. */
#include "tests/support/cmocka.h"

#include "actors/catalog/catalog_tree.h"

static struct uuid id_of(unsigned number)
{
    return (struct uuid){ { 1, (uint8_t)(number >> 8), (uint8_t)number } };
}

static void nothing_goes_below_itself(void **state)
{
    (void)state;
    const struct uuid above[] = { id_of(1), id_of(2), id_of(3) };
    struct catalog_tree_move move = { .above = above, .above_count = 3, .levels = 1 };
    for (unsigned i = 1; i <= 3; i++) {
        move.category = id_of(i);
        assert_int_equal(catalog_tree_check_move(&move), STATUS_CATEGORY_CYCLE);
    }
    move.category = id_of(4);
    assert_int_equal(catalog_tree_check_move(&move), STATUS_OK);
}

static void levels_and_paths_are_bounded(void **state)
{
    (void)state;
    struct uuid above[CATALOG_LEVELS_MAX];
    for (unsigned i = 0; i < CATALOG_LEVELS_MAX; i++)
        above[i] = id_of(i + 1);
    struct catalog_tree_move move = { .category = id_of(99),
                                      .above = above,
                                      .above_count = 10,
                                      .levels = 5,
                                      .path_characters = CATALOG_PATH_MAX };
    assert_int_equal(catalog_tree_check_move(&move), STATUS_OK);
    move.levels = 6;
    assert_int_equal(catalog_tree_check_move(&move), STATUS_CATEGORY_TOO_DEEP);
    move.levels = 1;
    move.path_characters++;
    assert_int_equal(catalog_tree_check_move(&move), STATUS_CATEGORY_TOO_DEEP);
    move.path_characters = 1;
    move.above_count = CATALOG_LEVELS_MAX;
    assert_int_equal(catalog_tree_check_move(&move), STATUS_CATEGORY_TOO_DEEP);
}

static void a_tree_is_read_from_the_root_down_siblings_in_their_order(void **state)
{
    (void)state;
    /* 1 (3 (5), 2), 9 (4); of 77, which is not there, 6. */
    const struct catalog_tree_node nodes[] = {
        { id_of(1), { { 0 } } }, { id_of(9), { { 0 } } }, { id_of(3), id_of(1) },
        { id_of(2), id_of(1) },  { id_of(5), id_of(3) },  { id_of(4), id_of(9) },
        { id_of(6), id_of(77) },
    };
    const unsigned expected[] = { 1, 3, 5, 2, 9, 4 };
    size_t order[ARRAY_LENGTH(nodes)], count;
    catalog_tree_order(nodes, ARRAY_LENGTH(nodes), order, &count);
    assert_int_equal(count, ARRAY_LENGTH(expected));
    for (size_t i = 0; i < count; i++)
        assert_true(uuid_equals(nodes[order[i]].id, id_of(expected[i])));
    catalog_tree_order(nodes, 0, order, &count);
    assert_int_equal(count, 0);
}

static void a_chain_of_all_levels_is_read_to_its_end(void **state)
{
    (void)state;
    struct catalog_tree_node nodes[CATALOG_LEVELS_MAX + 3];
    size_t order[ARRAY_LENGTH(nodes)], count;
    for (unsigned i = 0; i < ARRAY_LENGTH(nodes); i++)
        nodes[i] =
            (struct catalog_tree_node){ id_of(i + 1), i == 0 ? (struct uuid){ { 0 } } : id_of(i) };
    catalog_tree_order(nodes, CATALOG_LEVELS_MAX, order, &count);
    assert_int_equal(count, CATALOG_LEVELS_MAX);
    /* Deeper than the table's check lets it be: it ends nevertheless. */
    catalog_tree_order(nodes, ARRAY_LENGTH(nodes), order, &count);
    assert_int_equal(count, CATALOG_LEVELS_MAX + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_goes_below_itself),
        cmocka_unit_test(levels_and_paths_are_bounded),
        cmocka_unit_test(a_tree_is_read_from_the_root_down_siblings_in_their_order),
        cmocka_unit_test(a_chain_of_all_levels_is_read_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
