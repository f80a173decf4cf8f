/* Stands in for runtime/bus.c in programs that test one node: messages to the domains that the node
 * hosts go straight to its dispatch, all others to a function of the test. Link it as an object of
 * the program, before souk_runtime. */
#pragma once

#include "runtime/bus.h"

struct fake_peers {
    void *context;
    /* Answers for every domain that is not hosted. Returns the transport's status; the reply's own
     * is in ret_reply. The texts of the reply must be in the arena. */
    enum status (*answer)(void *context, const struct envelope *request, struct arena *arena,
                          struct envelope *ret_reply);
    /* The node has become ready. */
    void (*on_ready)(void *context);
};

/* For every bus that is made from now on; the caller keeps it. */
void fake_bus_set_peers(const struct fake_peers *peers);
/* Whom every bus that is made from now on knows; copied. Nobody, unless told. */
void fake_bus_set_members(const struct members *members);
