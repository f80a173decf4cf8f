/* Under construction: admin. */
#include "actors/host/domain.h"
#include "admin_handlers.h"

const struct domain_definition admin_domain = {
    .dispatch = &admin_dispatch,
};
