/* A market for programs of the command line: keys and directories of its own, and a script that
 * answers in the place of the domains. Link tests/support/fake_bus.c as an object of the program.
 */
#pragma once

#include "gateway/command/client.h"
#include "tests/support/fake_bus.h"

enum { MARKET_STAGE_PATH = 64 };

struct market_stage {
    char data_dir[MARKET_STAGE_PATH];
    struct config *config;
    struct client *client; /* NULL until market_stage_open() */
    struct fake_peers peers;
};

/* Makes the directories and keys. `answer` is called on a fiber for each message. */
void market_stage_make(struct market_stage *stage,
                       enum status (*answer)(void *context, const struct envelope *request,
                                             struct arena *arena, struct envelope *ret_reply),
                       void *context);
/* Opens the client. */
void market_stage_open(struct market_stage *stage);
/* Clients that are opened from now on find that many nodes (0, or 1: it hosts every domain). */
void market_stage_set_nodes(size_t count);
/* Closes the client and removes everything. */
void market_stage_remove(struct market_stage *stage);
/* Removes a key, or the directory that says that the market runs. */
void market_stage_lose_key(const struct market_stage *stage);
void market_stage_stop(const struct market_stage *stage);

/* Catches what is written to a descriptor (1, 2) from here to capture_end(), which gives it as a
 * text of the arena. */
struct capture {
    int descriptor, kept, file;
};
struct capture capture_begin(int descriptor);
const char *capture_end(struct capture *capture, struct arena *arena);
