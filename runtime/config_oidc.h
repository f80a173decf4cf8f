/* The OpenID Connect providers that the configuration names: the sections [oidc_1] to [oidc_4]. */
#pragma once

#include "runtime/config.h"

enum { CONFIG_OIDC_PROVIDERS_MAX = 4, CONFIG_OIDC_NAME_MAX = 32, CONFIG_OIDC_REDIRECTS_MAX = 16 };

/* Texts live as long as the configuration. */
struct config_oidc_provider {
    struct text name, title, issuer, client_id, scopes;
    struct text client_secret_file; /* empty: a public client */
    struct text redirect_uris;      /* comma separated */
};

/* The provider of a slot, from 0; false when the slot is empty. */
bool config_oidc_at(const struct config *config, size_t slot,
                    struct config_oidc_provider *ret_provider);
/* The provider of that name; false when there is none. */
bool config_oidc_find(const struct config *config, struct text name,
                      struct config_oidc_provider *ret_provider);
/* True if people may be sent back there: the very same bytes. */
bool config_oidc_allows_redirect(const struct config_oidc_provider *provider, struct text uri);
