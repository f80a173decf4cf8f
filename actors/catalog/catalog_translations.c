/* What vendors and staff say in other languages of the market. */
#include <string.h>

#include "actors/catalog/catalog_category_edit_store.h"
#include "actors/catalog/catalog_change.h"
#include "actors/catalog/catalog_edit.h"
#include "actors/catalog/catalog_language.h"
#include "actors/catalog/catalog_news.h"
#include "actors/catalog/catalog_translation_store.h"
#include "catalog_handlers.h"
#include "messages/locale.h"
#include "messages/normal_form.h"
#include "runtime/plain_text.h"

enum { TRANSLATIONS_BYTES_MAX = CATALOG_ITEM_BYTES_MAX };

static struct text languages_of(struct request *request)
{
    return text_of(config_text(request_config(request), SETTING_MARKET_LANGUAGES));
}

static enum status check_language(struct request *request, struct text language)
{
    size_t number;
    if (locale_is_among(languages_of(request), language, &number) && number > 0) return STATUS_OK;
    return request_refuse(request, "/language", STATUS_INVALID_VALUE,
                          "Texts are translated into the languages of the market but the first.");
}

struct text catalog_language_of(struct request *request, bool has_wish, struct text accept_language)
{
    size_t number;
    if (!has_wish) return TEXT("");
    const struct text languages = languages_of(request);
    const struct text chosen = locale_choose(languages, accept_language);
    return locale_is_among(languages, chosen, &number) && number > 0 ? chosen : TEXT("");
}

size_t catalog_languages_asked(struct request *request, bool has_wish, struct text accept_language,
                               struct text ret_languages[CATALOG_LANGUAGES_ASKED])
{
    const struct text languages = languages_of(request);
    const char *comma = memchr(languages.data, ',', languages.length);
    if (!has_wish || comma == NULL) return 0;
    size_t count = 0;
    const struct text other = catalog_language_of(request, has_wish, accept_language);
    if (other.length > 0) ret_languages[count++] = other;
    ret_languages[count++] = (struct text){ languages.data, (size_t)(comma - languages.data) };
    return count;
}

/* ---- products ---- */

static void describe(const struct catalog_item *item,
                     struct catalog_product_translations *ret_reply)
{
    *ret_reply = (struct catalog_product_translations){ .product_id = item->id,
                                                        .data = item->translations,
                                                        .data_count = item->translations_count,
                                                        .version = item->version,
                                                        .has_open_change = item->has_change };
}

enum status catalog_handle_list_own_translations(struct request *request,
                                                 const struct catalog_list_own_translations *query,
                                                 struct catalog_product_translations *ret_reply)
{
    struct catalog_item item;
    TRY(catalog_item_store_load(request, query->product_id, &item));
    if (!uuid_equals(item.vendor_id, request_principal(request)->id)) return STATUS_NOT_FOUND;
    describe(&item, ret_reply);
    return STATUS_OK;
}

/* The item's translations without that of the language, and with room for one more. */
static struct catalog_product_translation *
copy_others(struct request *request, struct text language, struct catalog_item *item)
{
    struct catalog_product_translation *list =
        arena_allocate_array(request_arena(request), item->translations_count + 1, sizeof *list);
    size_t count = 0;
    for (size_t i = 0; i < item->translations_count; i++)
        if (!text_equals(item->translations[i].language, language))
            list[count++] = item->translations[i];
    item->translations = list;
    item->translations_count = count;
    return list;
}

static enum status read_line(struct request *request, const char *pointer, struct text wish,
                             struct text *ret_text)
{
    const struct text text = normal_form(request_arena(request), text_trim(wish));
    if (!plain_text_is_name(text))
        return request_refuse(request, pointer, STATUS_INVALID_VALUE,
                              "That is one line of visible characters.");
    *ret_text = text;
    return STATUS_OK;
}

static enum status read_wish(struct request *request, const struct catalog_put_translation *command,
                             struct catalog_product_translation *said)
{
    *said =
        (struct catalog_product_translation){ .language = command->language,
                                              .has_name = command->has_name,
                                              .has_description = command->has_description,
                                              .description = command->description,
                                              .has_seo_title = command->has_seo_title,
                                              .has_seo_description = command->has_seo_description };
    if (!said->has_name && !said->has_description && !said->has_seo_title &&
        !said->has_seo_description)
        return request_refuse(request, "", STATUS_INVALID_VALUE,
                              "A translation says one of the texts at least.");
    if (said->has_name) TRY(read_line(request, "/name", command->name, &said->name));
    if (said->has_seo_title)
        TRY(read_line(request, "/seo_title", command->seo_title, &said->seo_title));
    if (said->has_seo_description)
        TRY(read_line(request, "/seo_description", command->seo_description,
                      &said->seo_description));
    if (said->has_description && !plain_text_is_block(said->description))
        return request_refuse(request, "/description", STATUS_INVALID_VALUE,
                              "A description has no control or direction characters.");
    return STATUS_OK;
}

static enum status check_bytes(struct request *request, const struct catalog_item *item)
{
    size_t bytes = 0;
    for (size_t i = 0; i < item->translations_count; i++) {
        const struct catalog_product_translation *said = &item->translations[i];
        bytes += said->name.length + said->description.length + said->seo_title.length +
                 said->seo_description.length;
    }
    if (bytes <= TRANSLATIONS_BYTES_MAX) return STATUS_OK;
    return request_refuse_full(request, "", STATUS_PRODUCT_TOO_LARGE, TRANSLATIONS_BYTES_MAX,
                               "So many bytes fit into all translations of one product.");
}

/* Languages that the market does not have any more may still be there. */
static enum status check_count(struct request *request, const struct catalog_item *item)
{
    if (item->translations_count <= CATALOG_TRANSLATIONS_MAX) return STATUS_OK;
    return request_refuse_full(request, "/language", STATUS_INVALID_VALUE, CATALOG_TRANSLATIONS_MAX,
                               "So many translations has a product: remove one.");
}

static enum status save(struct request *request, const struct catalog_draft *draft,
                        struct catalog_item *item)
{
    size_t added;
    TRY(catalog_change_stage(request, draft, item, &added));
    TRY(catalog_item_store_save(request, item));
    catalog_translation_store_save(request, item);
    return STATUS_OK;
}

enum status catalog_handle_put_translation(struct request *request,
                                           const struct catalog_put_translation *command,
                                           struct catalog_product_translations *ret_reply)
{
    struct catalog_item item;
    struct catalog_product_translation said;
    struct catalog_draft *draft = arena_allocate(request_arena(request), sizeof *draft);
    TRY(catalog_edit_open(request, command->product_id, VERSIONS_OF(command), &item));
    TRY(check_language(request, command->language));
    TRY(catalog_edit_move(request, &item, CATALOG_MOVE_CHANGE));
    TRY(catalog_change_lay(request, &item, draft));
    TRY(read_wish(request, command, &said));
    copy_others(request, command->language, &item)[item.translations_count] = said;
    item.translations_count++;
    TRY(check_count(request, &item));
    TRY(check_bytes(request, &item));
    TRY(save(request, draft, &item));
    if (draft->is_staged) request_set_http_status(request, 202);
    describe(&item, ret_reply);
    return STATUS_OK;
}

enum status catalog_handle_remove_translation(struct request *request,
                                              const struct catalog_remove_translation *command)
{
    struct catalog_item item;
    struct catalog_draft *draft = arena_allocate(request_arena(request), sizeof *draft);
    TRY(catalog_edit_open(request, command->product_id, VERSIONS_OF(command), &item));
    TRY(catalog_edit_move(request, &item, CATALOG_MOVE_CHANGE));
    TRY(catalog_change_lay(request, &item, draft));
    const size_t count = item.translations_count;
    (void)copy_others(request, command->language, &item);
    if (item.translations_count == count) return STATUS_NOT_FOUND;
    return save(request, draft, &item);
}

/* ---- files ---- */

/* "name:de" in two; false: it is no such name. */
static bool split_name(struct text name, struct text *ret_field, struct text *ret_language)
{
    const char *colon = name.length > 0 ? memchr(name.data, ':', name.length) : NULL;
    if (colon == NULL) return false;
    *ret_field = (struct text){ name.data, (size_t)(colon - name.data) };
    *ret_language = (struct text){ colon + 1, name.length - ret_field->length - 1 };
    return true;
}

/* The command that would say all of the language, as far as the file changes it. */
static bool say(struct text field, struct text value, struct catalog_put_translation *wish)
{
    const bool is_there = value.length > 0;
#define SAY(member)                                                                                \
    if (text_equals_string(field, #member)) {                                                      \
        wish->has_##member = is_there;                                                             \
        wish->member = value;                                                                      \
        return true;                                                                               \
    }
    SAY(name)
    SAY(description)
    SAY(seo_title)
    SAY(seo_description)
#undef SAY
    return false;
}

static struct catalog_put_translation wish_as_is(const struct catalog_item *item,
                                                 struct text language)
{
    struct catalog_put_translation wish = { .language = language };
    for (size_t i = 0; i < item->translations_count; i++) {
        const struct catalog_product_translation *said = &item->translations[i];
        if (!text_equals(said->language, language)) continue;
        wish.has_name = said->has_name;
        wish.name = said->name;
        wish.has_description = said->has_description;
        wish.description = said->description;
        wish.has_seo_title = said->has_seo_title;
        wish.seo_title = said->seo_title;
        wish.has_seo_description = said->has_seo_description;
        wish.seo_description = said->seo_description;
    }
    return wish;
}

static enum status import_text(struct request *request, const struct text_pair *text,
                               struct catalog_item *item)
{
    struct text field, language;
    struct catalog_product_translation said;
    if (!split_name(text->name, &field, &language)) return STATUS_MALFORMED;
    TRY(check_language(request, language));
    struct catalog_put_translation wish = wish_as_is(item, language);
    if (!say(field, text->value, &wish)) return STATUS_MALFORMED;
    struct catalog_product_translation *list = copy_others(request, language, item);
    if (!wish.has_name && !wish.has_description && !wish.has_seo_title && !wish.has_seo_description)
        return STATUS_OK;
    TRY(read_wish(request, &wish, &said));
    list[item->translations_count++] = said;
    return STATUS_OK;
}

enum status catalog_language_import(struct request *request, const struct text_pair *texts,
                                    size_t count, struct catalog_item *item)
{
    for (size_t i = 0; i < count; i++) {
        const enum status status = import_text(request, &texts[i], item);
        if (status != STATUS_MALFORMED && status != STATUS_INVALID_VALUE) TRY(status);
        if (status == STATUS_OK) continue;
        struct request_fault fault;
        request_take_fault(request, STATUS_INVALID_VALUE, &fault);
        const struct text pointer = text_format(request_arena(request), "/texts/%.*s",
                                                (int)texts[i].name.length, texts[i].name.data);
        return request_refuse(request, pointer.data, STATUS_INVALID_VALUE,
                              status == STATUS_INVALID_VALUE
                                  ? text_string(request_arena(request), fault.detail)
                                  : "This is no text that can be translated.");
    }
    TRY(check_count(request, item));
    return check_bytes(request, item);
}

/* ---- categories ---- */

enum status
catalog_handle_list_category_translations(struct request *request,
                                          const struct catalog_list_category_translations *query,
                                          struct catalog_category_translations *ret_reply)
{
    struct catalog_category_edit category;
    TRY(catalog_category_edit_load(request, query->category_id, &category));
    return catalog_translation_store_list(request, query->category_id, &ret_reply->data,
                                          &ret_reply->data_count);
}

enum status
catalog_handle_put_category_translation(struct request *request,
                                        const struct catalog_put_category_translation *command)
{
    struct catalog_category_edit category;
    struct text name;
    TRY(catalog_category_edit_load(request, command->category_id, &category));
    TRY(check_language(request, command->language));
    TRY(read_line(request, "/name", command->name, &name));
    for (size_t i = 0; i + 2 < name.length; i++)
        if (memcmp(name.data + i, " > ", 3) == 0)
            return request_refuse(request, "/name", STATUS_INVALID_VALUE,
                                  "A name has no ' > ', which separates levels.");
    request_audit(request, "cat", command->category_id, (struct text){ 0 });
    catalog_translation_store_name(request, command->category_id, command->language, name);
    return catalog_news_of_category(request, command->category_id);
}

enum status catalog_handle_remove_category_translation(
    struct request *request, const struct catalog_remove_category_translation *command)
{
    const struct catalog_category_translation *list;
    size_t count, i = 0;
    TRY(catalog_translation_store_list(request, command->category_id, &list, &count));
    while (i < count && !text_equals(list[i].language, command->language))
        i++;
    if (i == count) return STATUS_NOT_FOUND;
    request_audit(request, "cat", command->category_id, (struct text){ 0 });
    catalog_translation_store_name(request, command->category_id, command->language, TEXT(""));
    return catalog_news_of_category(request, command->category_id);
}
