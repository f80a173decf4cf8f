/* What tests of vendors' products share: a catalogue without a host, with a vendor that is approved
 * until it is said otherwise, and builders of products. */
#pragma once

#include "catalog_handlers.h"
#include "tests/support/direct_request.h"
#include "vendor_messages.h"

struct shelf {
    struct direct_market *market;
    struct arena *arena;
    struct principal vendor, stranger, staff;
    struct uuid category, other_category;
    struct uuid profile;                /* the vendor's only shipping profile */
    struct uuid unknown_group;          /* the only group of customers that is not there */
    enum vendor_vendor_status standing; /* of every vendor */
    const struct vendor_terms *terms;   /* how vendors send, and whether they say so */
    size_t terms_count;
    enum status terms_status;
};

/* As cmocka's set-up and tear-down of a group; `shelf_of_all` is it. */
extern struct shelf shelf_of_all;
int shelf_open(void **state);
int shelf_close(void **state);

/* A product with one variant of 10 units for 5.00 EUR, until changed. */
struct catalog_create_product shelf_wish(const char *name);
/* Makes it; the status must be OK. */
struct catalog_own_product shelf_make(const struct catalog_create_product *wish);
/* One of that category. */
struct uuid shelf_make_in(const char *name, struct uuid category);
/* A category as staff makes one, below `parent` unless that is NULL; the status must be OK. */
struct uuid shelf_make_category(const char *name, const struct uuid *parent);
/* As shoppers see it. Statuses: OK, NOT_FOUND. */
enum status shelf_look(struct uuid product, struct catalog_product *ret_product);
struct catalog_own_product shelf_inspect(struct uuid product);
/* The first cell of a query with one id in it as %s. */
struct text shelf_sql(const char *format, struct uuid id);
/* Statuses and shoppers' derived rows of a product agree: listing, document, is_listed. */
void shelf_assert_derived(struct uuid product);
