/* Services: their state, their fibers, what wakes them. */
#include "actors/host/service.h"

#include <stdlib.h>

#include "actors/host/fault_points.h"
#include "actors/host/request_internal.h"
#include "actors/host/service_run.h"
#include "actors/host/turnstile.h"

struct service {
    struct hosted *hosted;
    const struct domain_service *definition;
    void *state;
    struct completion wakeup;
    bool is_resting, has_news;
};

void *request_service(const struct request *request)
{
    const struct service *service = request->hosted->service;
    return service == NULL ? NULL : service->state;
}

const struct config *service_config(const struct service *service)
{
    return service->hosted->host->config;
}

const char *service_node(const struct service *service)
{
    return service->hosted->host->name;
}

struct database *service_database(const struct service *service)
{
    return service->hosted->database;
}

struct fibers *service_fibers(const struct service *service)
{
    return service->hosted->host->fibers;
}

int64_t service_now_us(const struct service *service)
{
    return loop_now_us(service->hosted->host->loop);
}

int64_t service_real_us(const struct service *service)
{
    return loop_real_us(service->hosted->host->loop);
}

int64_t service_market_us(const struct service *service)
{
    return loop_market_us(service->hosted->host->loop);
}

int64_t service_deadline_us(const struct service *service)
{
    return service_now_us(service) + FREE_TIMEOUT_US;
}

bool service_is_stopping(const struct service *service)
{
    const struct host *host = service->hosted->host;
    return host->is_stopping || fibers_are_stopping(host->fibers);
}

bool service_rest(struct service *service, int64_t until_us)
{
    assert(!service->is_resting);
    if (service_is_stopping(service)) return false;
    if (!service->has_news) {
        completion_init(&service->wakeup, service_fibers(service));
        service->is_resting = true;
        const enum status status = completion_wait(&service->wakeup, until_us);
        service->is_resting = false;
        if (status == STATUS_STOPPING) return false;
    }
    service->has_news = false;
    return !service_is_stopping(service);
}

void service_wake(struct service *service)
{
    service->has_news = true;
    if (service->is_resting) completion_finish(&service->wakeup, STATUS_OK);
}

struct service_fiber {
    struct host *host;
    void (*entry)(void *argument);
    void *argument;
};

static void service_fiber(void *argument)
{
    const struct service_fiber fiber = *(struct service_fiber *)argument;
    free(argument);
    fiber.entry(fiber.argument);
    host_service_ends(fiber.host);
}

enum status service_spawn(struct service *service, void (*entry)(void *argument), void *argument)
{
    struct service_fiber *fiber = malloc(sizeof *fiber);
    if (fiber == NULL) abort();
    *fiber = (struct service_fiber){ service->hosted->host, entry, argument };
    const enum status status = host_spawn(service->hosted->host, service_fiber, fiber);
    if (status != STATUS_OK) free(fiber);
    return status;
}

enum status service_fault_point(const struct service *service, const char *step, const char *moment)
{
    return fault_point(service->hosted, service->definition->name, step, moment);
}

struct turnstile *service_turnstile(const struct service *service, size_t places,
                                    size_t waiting_max)
{
    struct host *host = service->hosted->host;
    return turnstile_new(host->offload, host->fibers, places, waiting_max);
}

enum status service_offload(const struct service *service, void (*work)(void *argument),
                            void *argument)
{
    return offload_run(service->hosted->host->offload, work, argument);
}

/* ---- the node's side ---- */

void service_open(struct hosted *hosted)
{
    const struct domain_service *definition = hosted->definition->service;
    if (definition == NULL) return;
    struct service *service = calloc(1, sizeof *service);
    if (service == NULL) abort();
    *service = (struct service){ .hosted = hosted, .definition = definition };
    service->state = definition->open(service);
    hosted->service = service;
}

static void run_fiber(void *argument)
{
    struct service *service = argument;
    service->definition->run(service, service->state);
}

void service_start(struct hosted *hosted)
{
    if (hosted->service == NULL) return;
    if (service_spawn(hosted->service, run_fiber, hosted->service) != STATUS_OK)
        log_error("service_not_started", LOG_STRING("domain", domain_name(hosted->domain)));
}

void services_on_hint(struct host *host, const struct hint *hint)
{
    assert(hint->domain < DOMAIN_LIMIT);
    struct service *service = host->hosted[hint->domain].service;
    if (service != NULL) service_wake(service);
}

void service_close(struct hosted *hosted)
{
    if (hosted->service == NULL) return;
    hosted->service->definition->close(&hosted->service->state);
    free(hosted->service);
    hosted->service = NULL;
}
