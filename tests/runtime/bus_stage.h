/* Two processes' buses and their agent on one loop of the test. Each claim gets a stage of its own.
 */
#pragma once

#include "runtime/arena.h"
#include "runtime/bus.h"
#include "storage/agent.h"
#include "tests/support/time_skip.h"

enum { DOMAIN = 3, CREDIT = 4, QUEUE = 6, HELD_MAX = 64, WAIT_US = 8000000 };

/* What a node was asked and has not answered yet. */
struct held {
    struct return_address from;
    char body[64];
    size_t length;
};

struct process {
    struct stage *stage;
    struct bus *bus;
    bool is_holding; /* keeps requests instead of answering them */
    struct held held[HELD_MAX];
    size_t held_count;
    size_t requests_count;
    uint32_t budget_ms;
    char client[ENVELOPE_CLIENT_MAX + 1]; /* of the last request */
    struct hint hint;                     /* the last one that came */
    size_t hints_count, hints_lost_count; /* how many came; how often some were lost */
};

struct stage {
    char directory[32];
    char run_dir[64];
    struct loop *loop;
    struct time_skip skip;
    struct fibers *fibers;
    struct mesh_keys keys;
    struct members configured;
    struct agent *agent;
    struct process gateway, node;
};

struct question {
    struct stage *stage;
    struct process *process;
    struct arena *arena;
    const char *body;
    int64_t wait_us;
    bool is_key_zero;
    bool is_done;
    enum status status;
    struct envelope reply;
};

/* A new stage whose gateway and node know each other; afterwards nothing may be left of it. */
int stage_open(void **state);
int stage_close(void **state);
int64_t stage_now_us(const struct stage *stage);
/* One turn of the loop; turns for a while, in which what others have sent arrives. */
void stage_turn(struct stage *stage);
void stage_rest(struct stage *stage, int64_t duration_us);
/* Lets time pass in steps that are short enough for heartbeats to keep pace. */
void stage_skip(struct stage *stage, int64_t duration_us);
void stage_start_agent(struct stage *stage);
void stage_start_node(struct stage *stage);
bool stage_gateway_sees_node(struct stage *stage);
void stage_wait_for_node(struct stage *stage);

void process_start(struct stage *stage, struct process *process, const char *name,
                   enum member_kind kind);
/* Answers with CONFLICT, 409 and the body. */
void process_answer(struct process *process, const struct return_address *to, struct text body);
void process_answer_held(struct process *process);

/* One ask on a fiber of its own. */
void question_ask(struct stage *stage, struct question *question, struct process *process,
                  const char *body);
void question_spawn(struct question *question);
void question_wait(struct question *question);
void question_clear(struct question *question);
