/* A fiber per domain and look: the owner of the first shard says how far its shards go, and the
 * next question goes to the owner of the one behind. */
#include "gateway/node_health.h"

#include <stdlib.h>
#include <string.h>

#include "host_messages.h"
#include "messages/codec_msgpack.h"
#include "runtime/log.h"

enum {
    ASK_EVERY_US = 1000 * 1000,
    ASK_RETRY_US = 250 * 1000, /* after a bad answer */
    ASK_DEADLINE_US = 2 * 1000 * 1000,
    SILENCE_US = 4 * 1000 * 1000, /* nodes that were good are believed for so long */
    FORGET_US = 60 * 1000 * 1000, /* figures of a node that is gone */
    ASK_ARENA_BYTES = 32 * 1024
};

struct domain_health {
    struct node_health *health;
    unsigned domain;
    bool is_asking;
    const char *wrong; /* what a node has said of its database; NULL: nothing bad */
    bool was_good;     /* as it was logged */
    int64_t asked_us, good_us;
    enum status status; /* of the last look */
};

/* What a node has counted. */
struct node_report {
    struct arena *arena; /* NULL: a free place */
    int64_t heard_us;
    struct metric_report report;
};

struct node_health {
    const struct inquirer *inquirer;
    struct domain_health domains[DOMAIN_LIMIT];
    struct node_report reports[NODE_REPORTS_MAX];
};

/* ---- figures ---- */

/* The node's own place, or else the one that was heard of longest ago. */
static struct node_report *find_report(struct node_health *health, struct text process)
{
    struct node_report *oldest = &health->reports[0];
    for (size_t i = 0; i < NODE_REPORTS_MAX; i++) {
        struct node_report *report = &health->reports[i];
        if (report->arena != NULL && text_equals(report->report.process, process)) return report;
        if (report->heard_us < oldest->heard_us) oldest = report; /* 0: a free place */
    }
    return oldest;
}

static void keep_report(struct node_health *health, const struct host_health *answer)
{
    struct node_report *report = find_report(health, answer->process);
    arena_destroy(&report->arena);
    struct arena *arena = arena_new(ASK_ARENA_BYTES);
    struct metric_sample *samples =
        arena_allocate_array(arena, answer->metrics_count, sizeof *samples);
    for (size_t i = 0; i < answer->metrics_count; i++) {
        const struct host_metric *metric = &answer->metrics[i];
        samples[i] = (struct metric_sample){
            .name = text_copy(arena, metric->name),
            .value = metric->value,
            .count = metric->count,
            .buckets = arena_copy(arena, metric->buckets, metric->buckets_count * sizeof(int64_t)),
            .buckets_count = metric->buckets_count,
        };
    }
    *report = (struct node_report){ .arena = arena,
                                    .heard_us = inquirer_now_us(health->inquirer),
                                    .report = { .process = text_copy(arena, answer->process),
                                                .samples = samples,
                                                .samples_count = answer->metrics_count } };
}

size_t node_health_reports(const struct node_health *health,
                           struct metric_report ret_reports[NODE_REPORTS_MAX])
{
    const int64_t since_us = inquirer_now_us(health->inquirer) - FORGET_US;
    size_t count = 0;
    for (size_t i = 0; i < NODE_REPORTS_MAX; i++)
        if (health->reports[i].arena != NULL && health->reports[i].heard_us >= since_us)
            ret_reports[count++] = health->reports[i].report;
    return count;
}

/* ---- questions ---- */

static enum status ask_owner(const struct domain_health *of, unsigned shard, struct arena *arena,
                             struct host_health *ret_answer)
{
    const struct inquirer *inquirer = of->health->inquirer;
    const struct host_check_health question = { 0 };
    struct envelope *request = arena_allocate(arena, sizeof *request);
    struct envelope *reply = arena_allocate(arena, sizeof *reply);
    uint8_t random[10];
    inquirer->rng->fill(inquirer->rng->context, random, sizeof random);
    request->kind = ENVELOPE_REQUEST;
    request->domain = (uint8_t)of->domain;
    request->number = host_check_health_message.number;
    request->msg_id = uuid_make(inquirer_real_us(inquirer), random, shard);
    request->shard = (uint8_t)shard;
    request->key = request->msg_id; /* a key sends it to the shard's owner */
    TRY(msgpack_encode(host_check_health_message.body, &question, arena, ASK_ARENA_BYTES,
                       &request->body));
    const struct backend *backend = inquirer->backend;
    TRY(backend->ask(backend->context, request, inquirer_now_us(inquirer) + ASK_DEADLINE_US, arena,
                     reply));
    if (reply->status != STATUS_OK) return reply->status;
    return msgpack_decode(&host_health_schema, reply->body, arena, ret_answer);
}

/* Every owner once. */
static enum status look_at_all(struct domain_health *of, struct arena *arena,
                               const char **ret_wrong)
{
    for (unsigned shard = 0; shard < SHARD_COUNT;) {
        struct host_health *answer = arena_allocate(arena, sizeof *answer);
        TRY(ask_owner(of, shard, arena, answer));
        if (answer->shard_last < shard) return STATUS_CORRUPT;
        keep_report(of->health, answer);
        if (answer->has_is_writable && !answer->is_writable)
            *ret_wrong = "its database takes no writes";
        if (!answer->is_answering) *ret_wrong = "its database does not answer";
        shard = (unsigned)answer->shard_last + 1;
    }
    return STATUS_OK;
}

static void look_fiber(void *argument)
{
    struct domain_health *of = argument;
    const struct node_health *health = of->health;
    struct arena *arena = arena_new(ASK_ARENA_BYTES);
    const char *wrong = NULL;
    of->status = look_at_all(of, arena, &wrong);
    arena_destroy(&arena);
    of->is_asking = false;
    of->wrong = wrong;
    if (of->status == STATUS_OK && wrong == NULL) of->good_us = inquirer_now_us(health->inquirer);
    const bool is_good = node_health_is_good(health, of->domain);
    if (is_good == of->was_good) return;
    of->was_good = is_good;
    if (is_good)
        log_info("domain_serves", LOG_STRING("domain", domain_name((enum domain)of->domain)));
    else
        log_error("domain_does_not_serve",
                  LOG_STRING("domain", domain_name((enum domain)of->domain)),
                  LOG_STRING("why", wrong != NULL ? wrong : "its node does not answer"),
                  LOG_STATUS(of->status));
}

void node_health_tick(struct node_health *health)
{
    const int64_t now_us = inquirer_now_us(health->inquirer);
    for (unsigned domain = 0; domain < DOMAIN_LIMIT; domain++) {
        struct domain_health *of = &health->domains[domain];
        if (of->health == NULL || of->is_asking) continue;
        const bool was_well = of->status == STATUS_OK && of->wrong == NULL && of->good_us > 0;
        if (of->asked_us > 0 && now_us - of->asked_us < (was_well ? ASK_EVERY_US : ASK_RETRY_US))
            continue;
        of->asked_us = now_us;
        of->is_asking = true;
        if (fiber_spawn(health->inquirer->fibers, look_fiber, of) != STATUS_OK)
            of->is_asking = false;
    }
}

bool node_health_is_asking(const struct node_health *health)
{
    for (size_t i = 0; i < DOMAIN_LIMIT; i++)
        if (health->domains[i].is_asking) return true;
    return false;
}

bool node_health_is_good(const struct node_health *health, unsigned domain)
{
    assert(domain < DOMAIN_LIMIT);
    const struct domain_health *of = &health->domains[domain];
    if (of->health == NULL) return true;
    const int64_t now_us = inquirer_now_us(health->inquirer);
    return of->good_us > 0 && of->wrong == NULL && now_us - of->good_us < SILENCE_US;
}

const char *node_health_problem(const struct node_health *health, unsigned domain)
{
    if (node_health_is_good(health, domain)) return NULL;
    const char *wrong = health->domains[domain].wrong;
    return wrong != NULL ? wrong : "its database does not answer";
}

/* ---- life ---- */

struct node_health *node_health_new(const struct inquirer *inquirer, uint32_t domains)
{
    struct node_health *health = calloc(1, sizeof *health);
    if (health == NULL) abort();
    health->inquirer = inquirer;
    for (unsigned domain = 0; domain < DOMAIN_LIMIT; domain++)
        if ((domains >> domain & 1) != 0)
            health->domains[domain] =
                (struct domain_health){ .health = health, .domain = domain, .status = STATUS_OK };
    return health;
}

void node_health_destroy(struct node_health **health_pointer)
{
    struct node_health *health = *health_pointer;
    if (health == NULL) return;
    *health_pointer = NULL;
    assert(!node_health_is_asking(health));
    for (size_t i = 0; i < NODE_REPORTS_MAX; i++)
        arena_destroy(&health->reports[i].arena);
    free(health);
}
