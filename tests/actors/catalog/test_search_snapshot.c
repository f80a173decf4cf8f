/* Claims about what readers keep in memory of a commit: it is that commit's, whatever the writer,
 * other readers and a kill do. */
#include "tests/support/cmocka.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/actors/catalog/search_goods.h"

enum {
    PRODUCTS = 300,
    MANY = 5001, /* of a commit: more than its log names */
    VENDORS = 5,
    KILLS = 12,
};

/* What the index should have, by number. */
struct item {
    bool is_there, is_in_stock;
    uint32_t vendor;
    int64_t price;
};
struct model {
    struct item items[MANY + 1];
};

static struct search_shelf shelf;
static struct model model;

static int set_up(void **state)
{
    (void)state;
    search_shelf_open(&shelf);
    memset(&model, 0, sizeof model);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    search_shelf_close(&shelf);
    return 0;
}

static void put(struct search_writer *writer, uint32_t number, const struct item *item)
{
    char name[32], vendor[32];
    (void)snprintf(name, sizeof name, "thing %u", (unsigned)number);
    (void)snprintf(vendor, sizeof vendor, "Vendor %u", (unsigned)item->vendor);
    struct search_document document = search_document_of(number, name);
    document.vendor = (struct search_reference){ search_id(900 + item->vendor), text_of(vendor) };
    document.price = item->price;
    document.is_in_stock = item->is_in_stock;
    assert_int_equal(search_writer_put(writer, &document), STATUS_OK);
}

/* Puts, deletes, or closes a vendor, in the index and in the model. */
static void change(struct search_writer *writer, struct model *to, uint32_t products)
{
    const uint32_t number = 1 + search_any_below(products);
    const uint32_t kind = search_any_below(100);
    if (kind == 0) {
        const uint32_t vendor = search_any_below(VENDORS);
        assert_int_equal(search_writer_delete_of_vendor(writer, search_id(900 + vendor)),
                         STATUS_OK);
        for (uint32_t i = 1; i <= products; i++)
            to->items[i].is_there = to->items[i].is_there && to->items[i].vendor != vendor;
    } else if (kind < 30) {
        assert_int_equal(search_writer_delete(writer, search_id(number)), STATUS_OK);
        to->items[number].is_there = false;
    } else {
        to->items[number] = (struct item){ .is_there = true,
                                           .is_in_stock = search_any_below(2) == 0,
                                           .vendor = search_any_below(VENDORS),
                                           .price = search_any_below(100000) };
        put(writer, number, &to->items[number]);
    }
}

static int64_t count_of_vendor(const struct search_facets *facets, uint32_t vendor)
{
    const struct uuid id = search_id(900 + vendor);
    for (size_t i = 0; i < facets->vendors.count; i++) {
        const struct search_facet_value *value = &facets->vendors.values[i];
        if (memcmp(value->id.bytes, id.bytes, sizeof id.bytes) == 0) return value->count;
    }
    return 0;
}

/* Counts, and the order by a key, both of which come from what is in memory. */
static void assert_is_as(struct search_reader *reader, const struct model *wanted)
{
    int64_t of_vendor[VENDORS] = { 0 }, in_stock = 0, cheap = 0, total = 0, dearest = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(wanted->items); i++) {
        const struct item *item = &wanted->items[i];
        if (!item->is_there) continue;
        total++;
        of_vendor[item->vendor]++;
        in_stock += item->is_in_stock;
        cheap += item->price < 50000;
        if (item->price > dearest) dearest = item->price;
    }
    static const int64_t bounds[] = { 50000 };
    arena_reset(shelf.arena);
    struct search_query query = search_query_of("thing");
    query.limit = 1;
    query.sort = SEARCH_BY_PRICE_FALLING;
    query.wants_facets = true;
    query.price_bounds = bounds;
    query.price_bounds_count = ARRAY_LENGTH(bounds);
    struct search_result result;
    assert_int_equal(search_reader_find(reader, shelf.arena, &query, &result), STATUS_OK);
    assert_int_equal(result.total, total);
    if (total == 0) return;
    assert_int_equal(result.facets->in_stock, in_stock);
    for (uint32_t i = 0; i < VENDORS; i++)
        assert_int_equal(count_of_vendor(result.facets, i), of_vendor[i]);
    for (size_t i = 0; i < result.facets->prices_count; i++) {
        if (result.facets->prices[i].from == 0) cheap -= result.facets->prices[i].count;
    }
    assert_int_equal(cheap, 0);
    uint32_t number = 0;
    for (int i = 0; i < 4; i++)
        number = number << 8 | result.hits[0].id.bytes[2 + i];
    assert_int_equal(wanted->items[number].price, dearest);
}

static struct search_reader *open_reader(void)
{
    struct search_fault fault;
    struct search_reader *reader;
    assert_int_equal(search_reader_open(shelf.folder, search_shelf_languages(), &fault, &reader),
                     STATUS_OK);
    return reader;
}

static void counts_follow_every_commit_and_readers_that_lag_keep_theirs(void **state)
{
    (void)state;
    static struct model before;
    search_shelf_show(&shelf);
    struct search_reader *late = open_reader();
    for (int round = 0; round < 100; round++) {
        before = model;
        assert_int_equal(search_reader_refresh(late), STATUS_OK);
        for (uint32_t i = 1 + search_any_below(20); i > 0; i--)
            change(shelf.writer, &model, PRODUCTS);
        search_shelf_show(&shelf);
        assert_is_as(shelf.reader, &model);
        assert_is_as(late, &before);
    }
    search_reader_destroy(&late);
}

static void a_reader_many_commits_behind_catches_up(void **state)
{
    (void)state;
    search_shelf_show(&shelf);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 70; i++) {
            change(shelf.writer, &model, PRODUCTS);
            assert_int_equal(search_writer_commit(shelf.writer), STATUS_OK);
        }
        assert_int_equal(search_reader_refresh(shelf.reader), STATUS_OK);
        assert_is_as(shelf.reader, &model);
    }
}

static void a_commit_of_more_than_its_log_names_is_counted(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 1; i <= MANY; i++) {
            model.items[i] = (struct item){ .is_there = true,
                                            .is_in_stock = i % 3 == 0,
                                            .vendor = search_any_below(VENDORS),
                                            .price = search_any_below(100000) };
            put(shelf.writer, i, &model.items[i]);
        }
        search_shelf_show(&shelf);
        assert_is_as(shelf.reader, &model);
    }
}

/* A writer that is opened again goes on where the last commit was. */
static void what_was_not_committed_is_not_counted(void **state)
{
    (void)state;
    static struct model lost;
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 20; i++)
            change(shelf.writer, &model, PRODUCTS);
        search_shelf_show(&shelf);
        lost = model;
        for (int i = 0; i < 20; i++)
            change(shelf.writer, &lost, PRODUCTS);
        search_writer_destroy(&shelf.writer);
        struct search_fault fault;
        assert_int_equal(search_writer_open(shelf.folder, search_shelf_languages(), false, &fault,
                                            &shelf.writer),
                         STATUS_OK);
        change(shelf.writer, &model, PRODUCTS);
        search_shelf_show(&shelf);
        assert_is_as(shelf.reader, &model);
    }
}

static void two_indexes_of_one_process_are_told_apart(void **state)
{
    (void)state;
    static struct search_shelf other;
    static struct model of_other;
    memset(&of_other, 0, sizeof of_other);
    search_shelf_open(&other);
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 20; i++) {
            change(shelf.writer, &model, PRODUCTS);
            change(other.writer, &of_other, PRODUCTS);
        }
        search_shelf_show(&shelf);
        search_shelf_show(&other);
        assert_is_as(shelf.reader, &model);
        assert_is_as(other.reader, &of_other);
    }
    search_shelf_close(&other);
}

/* ---- kills ---- */

/* Commit n puts one product for each of its digits; all of it follows from n. */
static void change_of_commit(struct search_writer *writer, struct model *to, uint64_t n)
{
    for (uint32_t i = 0; i < 5; i++) {
        const uint32_t number = 1 + (uint32_t)(n * 7 + i * 31) % PRODUCTS;
        struct item *item = &to->items[number];
        *item = (struct item){ .is_there = (n + i) % 4 != 0,
                               .is_in_stock = n % 2 == 0,
                               .vendor = (uint32_t)((n + i) % VENDORS),
                               .price = (int64_t)(n * 1009 + i * 17) % 100000 };
        if (writer == NULL) continue;
        if (item->is_there) {
            put(writer, number, item);
        } else {
            assert_int_equal(search_writer_delete(writer, search_id(number)), STATUS_OK);
        }
    }
}

/* At least `known` have been read before; a reader that is overtaken again and again says nothing
 * new. */
static uint64_t commits_of(struct search_reader *reader, uint64_t known)
{
    struct text value;
    char digits[24] = "0";
    const enum status status = search_reader_get(reader, shelf.arena, TEXT("commits"), &value);
    if (status == STATUS_UNAVAILABLE) return known;
    assert_int_equal(status, STATUS_OK);
    if (value.length > 0 && value.length < sizeof digits) {
        memcpy(digits, value.data, value.length);
        digits[value.length] = '\0';
    }
    return strtoull(digits, NULL, 10);
}

static void commit_for_ever(uint64_t n)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a claim that fails kills nobody */
    struct search_fault fault;
    struct search_writer *writer;
    if (search_writer_open(shelf.folder, search_shelf_languages(), false, &fault, &writer) !=
        STATUS_OK)
        _exit(1);
    for (;; n++) {
        static struct model unused;
        change_of_commit(writer, &unused, n);
        char digits[24];
        (void)snprintf(digits, sizeof digits, "%llu", (unsigned long long)n + 1);
        if (search_writer_set(writer, TEXT("commits"), text_of(digits)) != STATUS_OK ||
            search_writer_commit(writer) != STATUS_OK)
            _exit(1);
    }
}

static void counts_are_those_of_a_commit_after_each_kill(void **state)
{
    (void)state;
    search_shelf_show(&shelf);
    search_writer_destroy(&shelf.writer);
    uint64_t known = 0;
    for (int kill_number = 0; kill_number < KILLS; kill_number++) {
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) commit_for_ever(known);
        const uint64_t wanted = known + 1 + search_any_below(90);
        int ended = 0;
        while (commits_of(shelf.reader, known) < wanted && waitpid(child, &ended, WNOHANG) == 0) {
            const enum status status = search_reader_refresh(shelf.reader);
            assert_true(status == STATUS_OK || status == STATUS_UNAVAILABLE);
        }
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &ended, 0), child);
        assert_true(WIFSIGNALED(ended));
        assert_int_equal(search_reader_refresh(shelf.reader), STATUS_OK);
        const uint64_t reached = commits_of(shelf.reader, known);
        for (; known < reached; known++)
            change_of_commit(NULL, &model, known);
        assert_is_as(shelf.reader, &model);
        struct search_reader *fresh = open_reader();
        assert_is_as(fresh, &model);
        search_reader_destroy(&fresh);
    }
    struct search_fault fault;
    assert_int_equal(
        search_writer_open(shelf.folder, search_shelf_languages(), false, &fault, &shelf.writer),
        STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counts_follow_every_commit_and_readers_that_lag_keep_theirs,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reader_many_commits_behind_catches_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_commit_of_more_than_its_log_names_is_counted, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_was_not_committed_is_not_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_indexes_of_one_process_are_told_apart, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(counts_are_those_of_a_commit_after_each_kill, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
