/* Claims about what becomes of a node's index when it is deleted, spoilt or restarted, through a
 * node and PostgreSQL. */
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "actors/host/service.h"
#include "host_messages.h"
#include "tests/actors/catalog/search_node.h"
#include "tests/support/cmocka.h"

enum { TRIES = 3000, PAUSE_US = 10000 };

/* ---- asking ---- */

#define PUBLISH(number)                                                                            \
    "WITH f AS (UPDATE host.shard_fence SET next_seq = next_seq + 1 "                              \
    "WHERE shard = 9 RETURNING next_seq - 1 AS seq) INSERT INTO host.outbox "                      \
    "(shard, seq, msg_id, number, key, body, at) SELECT 9, f.seq, gen_random_uuid(), " number      \
    ", gen_random_uuid(), '\\x80', 1 FROM f"

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
        assert_int_not_equal(search_node_folder_number(stage), 0);
        (void)nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
        for (int k = 0; k < TRIES && search_node_folder_number(stage) == 0; k++)
            stage_sleep(stage, PAUSE_US);
        search_node_comes_to(stage, search_by_word("rosewood"), 1);
    }
}

static struct stage *stage_of_restarts;

static void tell(void (*story)(struct stage *stage, void *context))
{
    stage_run(stage_of_restarts, story, NULL);
}

static void open_and_add(struct stage *stage, void *context)
{
    search_node_open(stage, context);
    (void)search_node_add(stage, search_vendor, "Rosewood chair");
    search_node_comes_to(stage, search_by_word("rosewood"), 1);
}

static void find_again(struct stage *stage, void *context)
{
    (void)context;
    search_node_comes_to(stage, search_by_word("rosewood"), 1);
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
    assert_int_equal(search_node_count(stage, search_by_word("unwritten")), 0);
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
    const char *path = search_node_folder(stage);
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
    search_node_empty(search_node_folder(stage));
    assert_int_equal(rmdir(search_node_folder(stage)), 0);
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
    number_before = search_node_folder_number(stage);
    search_node_set_fault(stage, "catalog.search.swap.before", 1000);
    (void)stage_sql(stage, "catalog", PUBLISH("3233"));
    (void)search_node_add(stage, search_vendor, "Wenge");
    search_node_comes_to(stage, search_by_word("wenge"), 1);
    (void)search_node_add(stage, search_vendor, "Afzelia");
    search_node_comes_to(stage, search_by_word("afzelia"), 1);
    assert_int_equal(search_node_folder_number(stage), number_before);
}

static void find_in_another_index(struct stage *stage, void *context)
{
    for (int i = 0; i < TRIES && search_node_folder_number(stage) == number_before; i++)
        stage_sleep(stage, PAUSE_US);
    assert_int_not_equal(search_node_folder_number(stage), number_before);
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
