/* What a domain keeps on every node that hosts it, beside its database, such as an index: a state
 * that its handlers find, and work of its own for as long as the node runs. */
#pragma once

#include "runtime/config.h"
#include "runtime/fiber.h"
#include "storage/database.h"

struct request;
struct turnstile;
struct service; /* the host's side of it */

struct domain_service {
    const char *name;
    /* Its steps around which tests may let it fail (fault_points.h). */
    const char *const *steps;
    size_t steps_count;
    /* Makes the state before the node takes any message. Does not wait. */
    void *(*open)(struct service *service);
    /* Its work, on a fiber; returns soon after service_is_stopping(), or never mind before. WAITS.
     */
    void (*run)(struct service *service, void *state);
    /* Frees the state, when no fiber is left; clears the pointer. */
    void (*close)(void **state);
};

/* The state of the domain that the request is for; NULL: it keeps none here. */
void *request_service(const struct request *request);

const struct config *service_config(const struct service *service);
/* The node's name, which it keeps for life. */
const char *service_node(const struct service *service);
struct database *service_database(const struct service *service);
struct fibers *service_fibers(const struct service *service);
/* Monotonic, real and market time. */
int64_t service_now_us(const struct service *service);
int64_t service_real_us(const struct service *service);
int64_t service_market_us(const struct service *service);
/* A deadline for one read of the service's own. */
int64_t service_deadline_us(const struct service *service);
bool service_is_stopping(const struct service *service);

/* Rests until events of the domain were committed somewhere, as far as hints say that, or until
 * `until_us` (monotonic). WAITS. Returns false when the service is to end. */
bool service_rest(struct service *service, int64_t until_us);
/* Ends the rest. */
void service_wake(struct service *service);
/* Runs another fiber of the service. Statuses: OK, OVERLOADED (no fiber is free, and entry was not
 * called). */
MUST_CHECK enum status service_spawn(struct service *service, void (*entry)(void *argument),
                                     void *argument);
/* The service has come to a step; as fault_point(). WAITS when a test wants that. */
MUST_CHECK enum status service_fault_point(const struct service *service, const char *step,
                                           const char *moment);
/* A turnstile (turnstile.h) for requests that the service serves. */
struct turnstile *service_turnstile(const struct service *service, size_t places,
                                    size_t waiting_max);
/* Runs blocking work on the pool; as offload_run(). WAITS. */
MUST_CHECK enum status service_offload(const struct service *service, void (*work)(void *argument),
                                       void *argument);
