/* Claims about what becomes of a node's index when it is deleted, spoilt or restarted, through a
 * node and PostgreSQL. */
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "actors/host/service.h"
#include "host_messages.h"
#include "tests/actors/catalog/goods.h"
#include "tests/support/cmocka.h"

enum { TRIES = 3000, PAUSE_US = 10000 };

static const struct uuid nobody;
static struct uuid vendor, category;

/* ---- asking ---- */

static enum status search(struct stage *stage, struct catalog_list_products query,
                          struct catalog_product_page *ret_page)
{
    query.has_limit = true;
    query.limit = 100;
    return stage_ask(stage, nobody, &catalog_list_products_message, &query, ret_page);
}

static struct catalog_list_products by_word(const char *word)
{
    return (struct catalog_list_products){ .has_q = true, .q = text_of(word) };
}

/* How many are found; -1: nothing can be found at present. */
static int count_found(struct stage *stage, const struct catalog_list_products query)
{
    struct catalog_product_page page;
    return search(stage, query, &page) == STATUS_OK ? (int)page.data_count : -1;
}

/* Waits until so many are found. */
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

static struct uuid add(struct stage *stage, struct uuid seller, const char *name)
{
    struct goods goods;
    goods_describe(stage, &goods, seller, category, name);
    return goods_import(stage, &goods).product_id;
}

static void open_shop(struct stage *stage, void *context)
{
    (void)context;
    vendor = goods_vendor(stage, "Oak and Ash");
    category = goods_category(stage, "Home > Chairs");
    assert_comes_to(stage, by_word("anything"), 0);
}

#define PUBLISH(number)                                                                            \
    "WITH f AS (UPDATE host.shard_fence SET next_seq = next_seq + 1 "                              \
    "WHERE shard = 9 RETURNING next_seq - 1 AS seq) INSERT INTO host.outbox "                      \
    "(shard, seq, msg_id, number, key, body, at) SELECT 9, f.seq, gen_random_uuid(), " number      \
    ", gen_random_uuid(), '\\x80', 1 FROM f"

static void set_fault(struct stage *stage, const char *point, int64_t times)
{
    const struct host_set_fault command = { .point = text_of(point),
                                            .action = COMMON_FAULT_ACTION_ERROR,
                                            .times = times };
    struct envelope envelope, reply;
    stage_address(stage, nobody, &host_set_fault_message, &command, &envelope);
    envelope.domain = DOMAIN_CATALOG;
    assert_int_equal(stage_send(stage, ROLE_NODE, &envelope, 1000000, &reply), STATUS_OK);
    assert_int_equal(reply.status, STATUS_OK);
}

static const char *index_folder(const struct stage *stage)
{
    static char path[200];
    (void)snprintf(path, sizeof path, "%s/search/node-1/current", stage_directory(stage));
    return path;
}

/* Another one for each index; 0: there is none. */
static ino_t folder_number(const struct stage *stage)
{
    struct stat about;
    return stat(index_folder(stage), &about) == 0 ? about.st_ino : 0;
}

static void empty_folder(const char *path)
{
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] != '.') (void)unlinkat(dirfd(folder), entry->d_name, 0);
    }
    (void)closedir(folder);
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about, (void)kind, (void)place;
    (void)remove(path); /* the node may be quicker */
    return 0;
}

/* The README says that it may be: all of it, or what is one node's. */
static void delete_folders(struct stage *stage, void *context)
{
    static const char *const folders[] = { "search/node-1", "search" };
    (void)context;
    for (size_t i = 0; i < ARRAY_LENGTH(folders); i++) {
        char path[200];
        (void)snprintf(path, sizeof path, "%s/%s", stage_directory(stage), folders[i]);
        assert_int_not_equal(folder_number(stage), 0);
        (void)nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
        for (int k = 0; k < TRIES && folder_number(stage) == 0; k++)
            stage_sleep(stage, PAUSE_US);
        assert_comes_to(stage, by_word("rosewood"), 1);
    }
}

static struct stage *stage_of_restarts;

static void tell(void (*story)(struct stage *stage, void *context))
{
    stage_run(stage_of_restarts, story, NULL);
}

static void open_and_add(struct stage *stage, void *context)
{
    open_shop(stage, context);
    (void)add(stage, vendor, "Rosewood chair");
    assert_comes_to(stage, by_word("rosewood"), 1);
}

static void find_again(struct stage *stage, void *context)
{
    (void)context;
    assert_comes_to(stage, by_word("rosewood"), 1);
}

/* Written by nobody's handler, so that nothing but the events tells of it. */
static void change_behind_its_back(struct stage *stage, void *context)
{
    (void)context;
    (void)stage_sql(stage, "catalog", "UPDATE catalog.product SET description = 'Unwritten.'");
}

static void find_and_not_unwritten(struct stage *stage, void *context)
{
    find_again(stage, context);
    assert_int_equal(count_found(stage, by_word("unwritten")), 0);
}

static void node_that_comes_back_goes_on_with_its_index(void **state)
{
    (void)state;
    tell(open_and_add);
    tell(change_behind_its_back);
    stage_restart_node(stage_of_restarts);
    tell(find_and_not_unwritten); /* it was not built anew */
}

static void spoil_files(struct stage *stage, void *context)
{
    (void)context;
    char file[500];
    const char *path = index_folder(stage);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] == '.') continue;
        (void)snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        FILE *spoilt = fopen(file, "w");
        assert_non_null(spoilt);
        (void)fputs("This is no index.", spoilt);
        (void)fclose(spoilt);
    }
    (void)closedir(folder);
}

static void index_that_is_spoilt_before_the_start_is_built_anew(void **state)
{
    (void)state;
    tell(spoil_files);
    stage_restart_node(stage_of_restarts);
    tell(find_again);
}

static void delete_files(struct stage *stage, void *context)
{
    (void)context;
    empty_folder(index_folder(stage));
    assert_int_equal(rmdir(index_folder(stage)), 0);
}

static void index_that_is_gone_before_the_start_is_built_anew(void **state)
{
    (void)state;
    tell(delete_files);
    stage_restart_node(stage_of_restarts);
    tell(find_again);
}

static void folder_that_is_deleted_while_it_is_used_is_made_anew(void **state)
{
    (void)state;
    tell(delete_folders);
}

static ino_t number_before;

/* The wish is read, committed past and not fulfilled: the new index never takes its place. */
static void wish_in_vain(struct stage *stage, void *context)
{
    (void)context;
    number_before = folder_number(stage);
    set_fault(stage, "catalog.search.swap.before", 1000);
    (void)stage_sql(stage, "catalog", PUBLISH("3233"));
    (void)add(stage, vendor, "Wenge");
    assert_comes_to(stage, by_word("wenge"), 1);
    (void)add(stage, vendor, "Afzelia");
    assert_comes_to(stage, by_word("afzelia"), 1);
    assert_int_equal(folder_number(stage), number_before);
}

static void find_in_another_index(struct stage *stage, void *context)
{
    for (int i = 0; i < TRIES && folder_number(stage) == number_before; i++)
        stage_sleep(stage, PAUSE_US);
    assert_int_not_equal(folder_number(stage), number_before);
    find_again(stage, context);
}

static void wish_for_another_index_outlives_the_node(void **state)
{
    (void)state;
    tell(wish_in_vain);
    stage_restart_node(stage_of_restarts);
    tell(find_in_another_index);
}

static int open_restarts(void **state)
{
    static const char *const domains[] = { "vendor", "catalog", "order" };
    (void)state;
    stage_of_restarts = stage_new(domains, ARRAY_LENGTH(domains));
    return 0;
}

static int close_restarts(void **state)
{
    (void)state;
    stage_destroy(&stage_of_restarts);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(node_that_comes_back_goes_on_with_its_index),
        cmocka_unit_test(wish_for_another_index_outlives_the_node),
        cmocka_unit_test(folder_that_is_deleted_while_it_is_used_is_made_anew),
        cmocka_unit_test(index_that_is_spoilt_before_the_start_is_built_anew),
        cmocka_unit_test(index_that_is_gone_before_the_start_is_built_anew),
    };
    return cmocka_run_group_tests(tests, open_restarts, close_restarts);
}
