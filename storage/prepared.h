/* Which statements one connection has prepared: a hash table by the statement's address. Forgotten
 * as a whole when the connection is lost. */
#pragma once

#include "storage/store.h"

struct prepared_table;

struct prepared {
    const struct statement *statement;
    unsigned number; /* its name on the server is "s<number>" */
    bool is_ready;   /* a Prepare has been sent, and has not failed */
};

struct prepared_table *prepared_new(void);
void prepared_destroy(struct prepared_table **table);
void prepared_forget_all(struct prepared_table *table);
/* The entry of the statement; made when there is none. Valid until the next call. */
struct prepared *prepared_entry(struct prepared_table *table, const struct statement *statement);
