/* The providers of the configuration, and what is wrong with them. */
#include "runtime/config_oidc.h"

#include <string.h>

#include "runtime/config_internal.h"
#include "runtime/text_form.h"

enum {
    SETTINGS_EACH = SETTING_OIDC_2_NAME - SETTING_OIDC_1_NAME,
    OFFSET_TITLE = SETTING_OIDC_1_TITLE - SETTING_OIDC_1_NAME,
    OFFSET_ISSUER = SETTING_OIDC_1_ISSUER - SETTING_OIDC_1_NAME,
    OFFSET_CLIENT_ID = SETTING_OIDC_1_CLIENT_ID - SETTING_OIDC_1_NAME,
    OFFSET_SECRET = SETTING_OIDC_1_CLIENT_SECRET_FILE - SETTING_OIDC_1_NAME,
    OFFSET_REDIRECTS = SETTING_OIDC_1_REDIRECT_URIS - SETTING_OIDC_1_NAME,
    OFFSET_SCOPES = SETTING_OIDC_1_SCOPES - SETTING_OIDC_1_NAME
};
static_assert(SETTING_OIDC_4_NAME - SETTING_OIDC_1_NAME ==
                  (CONFIG_OIDC_PROVIDERS_MAX - 1) * (int)SETTINGS_EACH,
              "the sections are alike");

static enum setting first_of(size_t slot)
{
    assert(slot < CONFIG_OIDC_PROVIDERS_MAX);
    return SETTING_OIDC_1_NAME + (enum setting)slot * SETTINGS_EACH;
}

static struct text text_at(const struct config *config, size_t slot, unsigned offset)
{
    return text_of(config_text(config, first_of(slot) + offset));
}

bool config_oidc_at(const struct config *config, size_t slot,
                    struct config_oidc_provider *ret_provider)
{
    const struct config_oidc_provider provider = {
        .name = text_at(config, slot, 0),
        .title = text_at(config, slot, OFFSET_TITLE),
        .issuer = text_at(config, slot, OFFSET_ISSUER),
        .client_id = text_at(config, slot, OFFSET_CLIENT_ID),
        .scopes = text_at(config, slot, OFFSET_SCOPES),
        .client_secret_file = text_at(config, slot, OFFSET_SECRET),
        .redirect_uris = text_at(config, slot, OFFSET_REDIRECTS),
    };
    if (provider.name.length == 0) return false;
    *ret_provider = provider;
    return true;
}

bool config_oidc_find(const struct config *config, struct text name,
                      struct config_oidc_provider *ret_provider)
{
    struct config_oidc_provider provider;
    for (size_t slot = 0; slot < CONFIG_OIDC_PROVIDERS_MAX; slot++) {
        if (!config_oidc_at(config, slot, &provider) || !text_equals(provider.name, name)) continue;
        *ret_provider = provider;
        return true;
    }
    return false;
}

/* Cuts the first piece off a list. */
static struct text next_piece(struct text *list, char separator)
{
    const char *end = list->length > 0 ? memchr(list->data, separator, list->length) : NULL;
    const size_t length = end != NULL ? (size_t)(end - list->data) : list->length;
    const struct text piece = { list->data, length };
    const size_t taken = end != NULL ? length + 1 : length;
    *list = (struct text){ list->data + taken, list->length - taken };
    return text_trim(piece);
}

bool config_oidc_allows_redirect(const struct config_oidc_provider *provider, struct text uri)
{
    struct text list = provider->redirect_uris;
    while (list.length > 0) {
        if (text_equals(next_piece(&list, ','), uri)) return true;
    }
    return false;
}

/* ---- what is wrong ---- */

static bool name_is_good(struct text name)
{
    for (size_t i = 0; i < name.length; i++) {
        const char byte = name.data[i];
        const bool is_good =
            (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-';
        if (!is_good) return false;
    }
    return name.length > 0;
}

static bool redirects_are_good(struct text list)
{
    size_t count = 0;
    while (list.length > 0) {
        const struct text uri = next_piece(&list, ',');
        count++;
        if (!text_is_secure_url(uri) || memchr(uri.data, '#', uri.length) != NULL) return false;
    }
    return count > 0 && count <= CONFIG_OIDC_REDIRECTS_MAX;
}

static bool scopes_are_good(struct text list)
{
    bool has_openid = false;
    while (list.length > 0) {
        if (text_equals(next_piece(&list, ' '), text_of("openid"))) has_openid = true;
    }
    return has_openid;
}

static bool issuer_is_good(struct text issuer)
{
    return text_is_secure_url(issuer) && memchr(issuer.data, '?', issuer.length) == NULL &&
           memchr(issuer.data, '#', issuer.length) == NULL;
}

static enum status refuse(struct config *config, size_t slot, unsigned offset, const char *sentence)
{
    const enum setting setting = first_of(slot) + offset;
    return config_fail(config, STATUS_INVALID_VALUE, config->values[setting].origin, "%s: %s",
                       config_settings[setting].key, sentence);
}

/* A slot without a name must be empty, else somebody has forgotten it. */
static enum status check_empty(struct config *config, size_t slot)
{
    for (unsigned offset = 1; offset < OFFSET_SCOPES; offset++) {
        if (text_at(config, slot, offset).length > 0)
            return refuse(config, slot, 0, "the provider has settings, but no name");
    }
    return STATUS_OK;
}

static enum status check_slot(struct config *config, size_t slot)
{
    struct config_oidc_provider provider, other;
    if (!config_oidc_at(config, slot, &provider)) return check_empty(config, slot);
    if (!name_is_good(provider.name))
        return refuse(config, slot, 0, "a provider's name has only a-z, 0-9 and -");
    for (size_t before = 0; before < slot; before++) {
        if (!config_oidc_at(config, before, &other)) continue;
        if (text_equals(other.name, provider.name))
            return refuse(config, slot, 0, "another provider has this name");
        if (text_equals(other.issuer, provider.issuer))
            return refuse(config, slot, OFFSET_ISSUER, "another provider has this issuer");
    }
    if (provider.title.length == 0)
        return refuse(config, slot, OFFSET_TITLE, "people need a title to read");
    if (!issuer_is_good(provider.issuer))
        return refuse(config, slot, OFFSET_ISSUER,
                      "an issuer is https://host/path without ? and # (http:// only on loopback)");
    if (provider.client_id.length == 0)
        return refuse(config, slot, OFFSET_CLIENT_ID, "the client id is missing");
    if (!redirects_are_good(provider.redirect_uris))
        return refuse(config, slot, OFFSET_REDIRECTS,
                      "wants 1 to 16 URLs, comma separated: https, or http on loopback, without #");
    if (!scopes_are_good(provider.scopes))
        return refuse(config, slot, OFFSET_SCOPES, "openid is not among them");
    return STATUS_OK;
}

enum status config_check_oidc(struct config *config)
{
    for (size_t slot = 0; slot < CONFIG_OIDC_PROVIDERS_MAX; slot++)
        TRY(check_slot(config, slot));
    return STATUS_OK;
}
