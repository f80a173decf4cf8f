/* Names of four kinds in one table, told apart by a letter in front. */
#include "messages/product_file/product_survey.h"

#include "messages/normal_form.h"

void product_survey_init(struct product_survey *survey)
{
    *survey = (struct product_survey){ .places = places_new() };
}

void product_survey_clear(struct product_survey *survey)
{
    places_destroy(&survey->places);
}

/* The texts are without control characters, or are refused when they are read. */
static struct text name_of(struct arena *arena, char kind, struct text vendor, struct text name)
{
    const struct text key = normal_key(arena, vendor);
    return text_format(arena, "%c%.*s\n%.*s", kind, (int)key.length, key.length > 0 ? key.data : "",
                       (int)name.length, name.length > 0 ? name.data : "");
}

static struct text product_name(struct arena *arena, const struct survey_group *group)
{
    return name_of(arena, 'p', group->vendor, group->handle);
}

/* The handle alone, of groups that begin with a name. */
static struct text headed_name(struct arena *arena, const struct survey_group *group)
{
    return name_of(arena, 'h', (struct text){ 0 }, group->handle);
}

/* The same of groups that do not, and that belong to whatever product has their handle. */
static struct text headless_name(struct arena *arena, const struct survey_group *group)
{
    return name_of(arena, 'o', (struct text){ 0 }, group->handle);
}

enum status product_survey_note_group(struct product_survey *survey, struct arena *arena,
                                      const struct survey_group *group)
{
    struct place place;
    const struct text headed = headed_name(arena, group);
    const struct text headless = headless_name(arena, group);
    survey->products++;
    if (group->handle.length == 0) return STATUS_OK;
    if (!group->has_name)
        return places_note(survey->places,
                           places_find(survey->places, headed, &place) ? headed : headless,
                           group->line);
    if (places_find(survey->places, headless, &place))
        TRY(places_note(survey->places, headless, group->line));
    TRY(places_note_once(survey->places, headed, group->line));
    return places_note(survey->places, product_name(arena, group), group->line);
}

bool product_survey_is_apart(const struct product_survey *survey, struct arena *arena,
                             const struct survey_group *group, struct place *ret_place)
{
    const struct text names[] = { product_name(arena, group), headed_name(arena, group),
                                  headless_name(arena, group) };
    if (group->handle.length == 0) return false;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        struct place place;
        if (!places_find(survey->places, names[i], &place) || place.second == 0) continue;
        *ret_place = place;
        return true;
    }
    return false;
}

static struct text sku_name(struct arena *arena, struct text vendor, struct text sku)
{
    return name_of(arena, 's', vendor, normal_key(arena, sku));
}

enum status product_survey_note_sku(struct product_survey *survey, struct arena *arena,
                                    struct text vendor, struct text sku, uint64_t line)
{
    return places_note(survey->places, sku_name(arena, vendor, sku), line);
}

bool product_survey_repeats_sku(const struct product_survey *survey, struct arena *arena,
                                struct text vendor, struct text sku, struct place *ret_place)
{
    struct place place;
    if (!places_find(survey->places, sku_name(arena, vendor, sku), &place) || place.second == 0)
        return false;
    *ret_place = place;
    return true;
}
