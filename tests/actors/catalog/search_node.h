/* What claims about the index of a node share: a shop, and how it is searched. */
#pragma once

#include <sys/types.h>

#include "tests/actors/catalog/goods.h"

extern struct uuid search_vendor, search_category;

/* The vendor, the category, and an index that answers. A story. */
void search_node_open(struct stage *stage, void *context);

/* A page of 100. */
enum status search_node_ask(struct stage *stage, struct catalog_list_products query,
                            struct catalog_product_page *ret_page);
struct catalog_list_products search_by_word(const char *word);
/* How many are found; -1: nothing can be found at present. */
int search_node_count(struct stage *stage, struct catalog_list_products query);
/* Waits until so many are found. */
void search_node_comes_to(struct stage *stage, struct catalog_list_products query, int count);
/* A product of that name. */
struct uuid search_node_add(struct stage *stage, struct uuid seller, const char *name);

/* The next `times` at this point of the catalogue's fail. */
void search_node_set_fault(struct stage *stage, const char *point, int64_t times);
/* Of the index in use. */
const char *search_node_folder(const struct stage *stage);
/* Another one for each index; 0: there is none. */
ino_t search_node_folder_number(const struct stage *stage);
/* Takes its files away. */
void search_node_empty(const char *folder);
