/* A shop on a node, and how it is searched. */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host_messages.h"
#include "tests/actors/catalog/search_node.h"
#include "tests/support/cmocka.h"

enum { TRIES = 3000, PAUSE_US = 10000 };

static const struct uuid nobody;
struct uuid search_vendor, search_category;

enum status search_node_ask(struct stage *stage, struct catalog_list_products query,
                            struct catalog_product_page *ret_page)
{
    query.has_limit = true;
    query.limit = 100;
    return stage_ask(stage, nobody, &catalog_list_products_message, &query, ret_page);
}

struct catalog_list_products search_by_word(const char *word)
{
    return (struct catalog_list_products){ .has_q = true, .q = text_of(word) };
}

int search_node_count(struct stage *stage, struct catalog_list_products query)
{
    struct catalog_product_page page;
    return search_node_ask(stage, query, &page) == STATUS_OK ? (int)page.data_count : -1;
}

void search_node_comes_to(struct stage *stage, struct catalog_list_products query, int count)
{
    int found = search_node_count(stage, query);
    for (int i = 0; i < TRIES && found != count; i++) {
        stage_sleep(stage, PAUSE_US);
        found = search_node_count(stage, query);
    }
    assert_int_equal(found, count);
}

struct uuid search_node_add(struct stage *stage, struct uuid seller, const char *name)
{
    struct goods goods;
    goods_describe(stage, &goods, seller, search_category, name);
    return goods_import(stage, &goods).product_id;
}

void search_node_open(struct stage *stage, void *context)
{
    (void)context;
    search_vendor = goods_vendor(stage, "Oak and Ash");
    search_category = goods_category(stage, "Home > Chairs");
    search_node_comes_to(stage, search_by_word("anything"), 0);
}

void search_node_set_fault(struct stage *stage, const char *point, int64_t times)
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

const char *search_node_folder(const struct stage *stage)
{
    static char path[200];
    (void)snprintf(path, sizeof path, "%s/search/node-1/current", stage_directory(stage));
    return path;
}

ino_t search_node_folder_number(const struct stage *stage)
{
    struct stat about;
    return stat(search_node_folder(stage), &about) == 0 ? about.st_ino : 0;
}

void search_node_empty(const char *path)
{
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] != '.') (void)unlinkat(dirfd(folder), entry->d_name, 0);
    }
    (void)closedir(folder);
}
