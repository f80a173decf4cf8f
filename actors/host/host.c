/* Fibers that the host counts, so that it knows when its own work has ended. */
#include "actors/host/host.h"

enum status host_spawn(struct host *host, void (*entry)(void *argument), void *argument)
{
    assert(host != NULL);
    assert(entry != NULL);
    /* Before the spawn: the fiber runs at once and may have ended when fiber_spawn() returns. */
    host->services++;
    const enum status status = fiber_spawn(host->fibers, entry, argument);
    if (status != STATUS_OK) host->services--;
    return status;
}

void host_run_service(struct host *host, void (*entry)(void *argument), void *argument)
{
    assert(host != NULL);
    assert(entry != NULL);
    if (host_spawn(host, entry, argument) == STATUS_OK) return;
    host->services++;
    entry(argument);
}

void host_service_ends(struct host *host)
{
    assert(host != NULL);
    assert(host->services > 0);
    host->services--;
}

struct uuid host_random_uuid(const struct host *host)
{
    assert(host != NULL);
    struct uuid id;
    const struct rng *rng = loop_rng(host->loop);
    rng->fill(rng->context, id.bytes, sizeof id.bytes);
    return id;
}
