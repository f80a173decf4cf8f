/* What tests of vendors' imports share: files that are handed in on the shelf of shelf.h. */
#pragma once

#include "tests/actors/catalog/shelf.h"

#define IMPORT_HEADER "handle,name,category,price,quantity,sku,published\n"

enum status import_start_as(const struct principal *who, struct text file, bool is_dry_run,
                            struct catalog_vendor_import *ret_import);
struct uuid import_start(struct text file);
struct catalog_vendor_import import_look(struct uuid job);
struct catalog_vendor_import import_finish(struct uuid job);
struct catalog_vendor_import import_run(struct text file);
/* The same as a dry run. */
struct catalog_vendor_import import_try(struct text file);
struct catalog_import_problems import_problems_of(struct uuid job);
void import_assert_problem(struct uuid job, size_t index, int64_t line, const char *column,
                           const char *code);
/* Nothing but one product whose change waits. */
void import_assert_staged(struct catalog_vendor_import import);
void import_assert_counts(struct catalog_vendor_import import, int created, int changed,
                          int unchanged, int refused);
