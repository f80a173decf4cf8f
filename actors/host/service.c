/* Fibers that the host counts, so that it knows when its own work has ended. */
#include "actors/host/host.h"

enum status host_spawn(struct host *host, void (*entry)(void *argument), void *argument)
{
    host->services++;
    const enum status status = fiber_spawn(host->fibers, entry, argument);
    if (status != STATUS_OK) host->services--;
    return status;
}

void host_service_ends(struct host *host)
{
    assert(host->services > 0);
    host->services--;
}
