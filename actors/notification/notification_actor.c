/* Under construction: notification. */
#include "actors/host/domain.h"
#include "notification_handlers.h"

const struct domain_definition notification_domain = {
    .dispatch = &notification_dispatch,
};
