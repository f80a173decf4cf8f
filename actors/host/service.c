/* Small things that every part of the host needs: fibers that are counted, and which statuses say
 * nothing about the outcome. */
#include "actors/host/host.h"

bool host_is_pause(enum status status)
{
    switch (status) {
    case STATUS_UNAVAILABLE:
    case STATUS_OVERLOADED:
    case STATUS_DEADLINE_EXCEEDED:
    case STATUS_MOVED:
    case STATUS_FENCED:
    case STATUS_STOPPING:
        return true;
    default:
        return false;
    }
}

bool host_is_outage(enum status status)
{
    switch (status) {
    case STATUS_UNAVAILABLE:
    case STATUS_OVERLOADED:
    case STATUS_DEADLINE_EXCEEDED:
    case STATUS_MOVED:
    case STATUS_FENCED:
    case STATUS_CONFLICT:
    case STATUS_INTERNAL:
    case STATUS_CORRUPT:
    case STATUS_STOPPING:
        return true;
    default:
        return false;
    }
}

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
