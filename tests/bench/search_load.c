/* Measures the search index itself, in one process on one thread:
 *   search_load build FOLDER PRODUCTS [EVERY]  products of make_search_set.py, committed every so
 *                                              many (1,000)
 *   search_load ask FOLDER QUERIES [facets|suggest] [LINES]
 *   search_load quality FOLDER LINES       class, query, name wanted: ends with 1 below the bounds
 * Each prints one line of JSON; quality one per class. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "actors/catalog/search_index.h"

enum {
    LINE_MAX = 256 * 1024,
    FIELDS = 12,
    COMMIT_EVERY = 1000,
    PAGE = 20,
    SUGGESTIONS = 10,
    QUERIES_MAX = 1000000,
    CLASSES_MAX = 32,
    HITS_LOOKED_AT = 5,
};

static const struct search_languages languages = { { "en", "de", "fr" }, 3 };
static char line[LINE_MAX];

static void give_up(const char *what, const char *why)
{
    (void)fprintf(stderr, "search_load: %s: %s\n", what, why);
    exit(1);
}

/* Processor time: the index is read from the page cache, and others use the machine, too. */
static double now_s(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static FILE *open_file(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) give_up(path, "cannot be opened");
    return file;
}

static bool read_line(FILE *file)
{
    if (fgets(line, sizeof line, file) == NULL) return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

/* Of the line, which loses its tabs. */
static size_t split(char *string, char separator, char **ret_fields, size_t limit)
{
    size_t count = 0;
    for (char *field = string; field != NULL && count < limit; count++) {
        char *end = strchr(field, separator);
        if (end != NULL) *end++ = '\0';
        ret_fields[count] = field;
        field = end;
    }
    return count;
}

static struct uuid id_of(const char *name, uint32_t number)
{
    struct uuid id = { { 0 } };
    uint64_t mixed = UINT64_C(14695981039346656037);
    for (const char *byte = name; *byte != '\0'; byte++)
        mixed = (mixed ^ (unsigned char)*byte) * UINT64_C(1099511628211);
    for (size_t i = 0; i < 4; i++)
        id.bytes[2 + i] = (uint8_t)(number >> 8 * (3 - i));
    memcpy(id.bytes + 8, &mixed, sizeof mixed);
    return id;
}

static void put_line(struct search_writer *writer, uint32_t number)
{
    char *fields[FIELDS], *pairs[SEARCH_ATTRIBUTES_MAX];
    if (split(line, '\t', fields, FIELDS) != FIELDS) give_up("a product", "has too few fields");
    const struct text name = text_of(fields[1]), sku = text_of(fields[2]);
    struct search_attribute attributes[SEARCH_ATTRIBUTES_MAX];
    const size_t pairs_count =
        fields[5][0] == '\0' ? 0 : split(fields[5], '|', pairs, SEARCH_ATTRIBUTES_MAX);
    for (size_t i = 0; i < pairs_count; i++) {
        const char *value = strchr(pairs[i], '=');
        const size_t length = value == NULL ? strlen(pairs[i]) : (size_t)(value - pairs[i]);
        attributes[i] = (struct search_attribute){ { pairs[i], length },
                                                   text_of(value == NULL ? NULL : value + 1) };
    }
    const struct search_reference category = { id_of(fields[4], 1), text_of(fields[4]) };
    const struct search_document document = {
        .id = id_of(fields[1], number + 1),
        .language = text_of(fields[0]),
        .name = name,
        .description = text_of(fields[11]),
        .numbers = &sku,
        .numbers_count = 1,
        .vendor = { id_of(fields[3], 0), text_of(fields[3]) },
        .categories = &category,
        .categories_count = 1,
        .attributes = attributes,
        .attributes_count = pairs_count,
        .price = strtoll(fields[6], NULL, 10),
        .sold = strtoll(fields[7], NULL, 10),
        .rating_hundredths = (int)strtol(fields[8], NULL, 10),
        .is_in_stock = fields[9][0] == '1',
        .is_on_sale = fields[10][0] == '1',
        .data = name,
    };
    if (search_writer_put(writer, &document) != STATUS_OK) {
        give_up("put", search_writer_fault(writer));
    }
}

static long memory_kib(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void build(const char *folder, const char *products, unsigned long every)
{
    struct search_fault fault = { "" };
    struct search_writer *writer;
    if (search_writer_open(folder, &languages, true, &fault, &writer) != STATUS_OK) {
        give_up(folder, fault.text);
    }
    FILE *file = open_file(products);
    const double start = now_s();
    uint32_t count = 0;
    while (read_line(file)) {
        put_line(writer, count++);
        if (count % every != 0) continue;
        if (search_writer_commit(writer) != STATUS_OK) {
            give_up("commit", search_writer_fault(writer));
        }
    }
    if (search_writer_commit(writer) != STATUS_OK) give_up("commit", search_writer_fault(writer));
    const double seconds = now_s() - start;
    (void)fclose(file);
    search_writer_destroy(&writer);
    printf("{\"products\": %u, \"per_second\": %.0f, \"seconds\": %.1f, \"memory_mib\": %.1f}\n",
           count, count / seconds, seconds, (double)memory_kib() / 1024);
}

static struct search_reader *open_reader(const char *folder)
{
    struct search_fault fault = { "" };
    struct search_reader *reader;
    if (search_reader_open(folder, &languages, &fault, &reader) != STATUS_OK) {
        give_up(folder, fault.text);
    }
    return reader;
}

static int compare_doubles(const void *a, const void *b)
{
    const double first = *(const double *)a, second = *(const double *)b;
    return (first > second) - (first < second);
}

struct asked {
    size_t queries, found, corrected, relaxed, hits;
    double *seconds;
};

static void ask_line(struct search_reader *reader, struct arena *arena, const char *kind,
                     struct asked *asked)
{
    arena_reset(arena);
    const double start = now_s();
    if (strcmp(kind, "suggest") == 0) {
        struct search_suggestions suggestions;
        /* As it looks while the last word is being typed. */
        const size_t length = strlen(line) > 4 ? strlen(line) - 2 : strlen(line);
        const struct search_query query = { .text = { line, length }, .limit = SUGGESTIONS };
        if (search_reader_suggest(reader, arena, &query, &suggestions) != STATUS_OK) {
            give_up("suggest", search_reader_fault(reader));
        }
        asked->hits += suggestions.count;
        asked->found += suggestions.count > 0;
    } else {
        const struct search_query query = { .text = text_of(line),
                                            .limit = PAGE,
                                            .wants_facets = strcmp(kind, "facets") == 0 };
        struct search_result result;
        if (search_reader_find(reader, arena, &query, &result) != STATUS_OK) {
            give_up("find", search_reader_fault(reader));
        }
        asked->hits += result.hits_count;
        asked->found += result.hits_count > 0;
        asked->corrected += result.is_corrected;
        asked->relaxed += result.is_relaxed;
    }
    asked->seconds[asked->queries++] = now_s() - start;
}

static void ask(const char *folder, const char *queries, const char *kind, size_t limit)
{
    struct search_reader *reader = open_reader(folder);
    const double opened_mib = (double)memory_kib() / 1024;
    struct arena *arena = arena_new(256 * 1024);
    struct asked asked = { .seconds = malloc(QUERIES_MAX * sizeof *asked.seconds) };
    if (asked.seconds == NULL) give_up("memory", "none");
    FILE *file = open_file(queries);
    const double start = now_s();
    while (asked.queries < limit && read_line(file))
        ask_line(reader, arena, kind, &asked);
    const double seconds = now_s() - start;
    (void)fclose(file);
    if (asked.queries == 0) give_up(queries, "has no queries");
    qsort(asked.seconds, asked.queries, sizeof *asked.seconds, compare_doubles);
    printf("{\"queries\": %zu, \"per_second\": %.0f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, "
           "\"max_ms\": %.1f, \"found\": %.4f, \"corrected\": %.4f, \"relaxed\": %.4f, "
           "\"hits\": %.1f, \"opened_mib\": %.1f, \"memory_mib\": %.1f}\n",
           asked.queries, (double)asked.queries / seconds, asked.seconds[asked.queries / 2] * 1e3,
           asked.seconds[asked.queries * 99 / 100] * 1e3, asked.seconds[asked.queries - 1] * 1e3,
           (double)asked.found / (double)asked.queries,
           (double)asked.corrected / (double)asked.queries,
           (double)asked.relaxed / (double)asked.queries,
           (double)asked.hits / (double)asked.queries, opened_mib, (double)memory_kib() / 1024);
    free(asked.seconds);
    arena_destroy(&arena);
    search_reader_destroy(&reader);
}

/* ---- quality ---- */

struct class
{
    char name[32];
    size_t queries, first, among;
    double reciprocals;
};

static struct class *class_named(struct class *classes, size_t *count, const char *name)
{
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(classes[i].name, name) == 0) return &classes[i];
    }
    if (*count == CLASSES_MAX) give_up(name, "is one class too many");
    (void)snprintf(classes[*count].name, sizeof classes[*count].name, "%s", name);
    return &classes[(*count)++];
}

static void judge(struct search_reader *reader, struct arena *arena, const char *text,
                  const char *wanted, struct class *class)
{
    arena_reset(arena);
    const struct search_query query = { .text = text_of(text), .limit = PAGE };
    struct search_result result;
    if (search_reader_find(reader, arena, &query, &result) != STATUS_OK) {
        give_up("find", search_reader_fault(reader));
    }
    class->queries++;
    for (size_t i = 0; i < result.hits_count; i++) {
        if (!text_equals_string(result.hits[i].data, wanted)) continue;
        class->first += i == 0;
        class->among += i < HITS_LOOKED_AT;
        class->reciprocals += 1 / (double)(i + 1);
        if (i < HITS_LOOKED_AT) return;
        break;
    }
    (void)fprintf(stderr, "%s: \"%s\" does not find \"%s\" among %d; first: \"%.*s\"\n",
                  class->name, text, wanted, HITS_LOOKED_AT,
                  result.hits_count > 0 ? (int)result.hits[0].data.length : 0,
                  result.hits_count > 0 ? result.hits[0].data.data : "");
}

static int quality(const char *folder, const char *lines)
{
    struct search_reader *reader = open_reader(folder);
    struct arena *arena = arena_new(256 * 1024);
    static struct class classes[CLASSES_MAX];
    size_t count = 0;
    FILE *file = open_file(lines);
    while (read_line(file)) {
        char *fields[3];
        if (split(line, '\t', fields, 3) != 3) give_up(lines, "has a line of other fields");
        judge(reader, arena, fields[1], fields[2], class_named(classes, &count, fields[0]));
    }
    (void)fclose(file);
    int is_bad = count == 0;
    for (size_t i = 0; i < count; i++) {
        const struct class *class = &classes[i];
        const double all = (double)class->queries, among = (double)class->among / all;
        const double least = strcmp(class->name, "typo") == 0 ? 0.90 : 0.95;
        is_bad |= among < least;
        printf("{\"class\": \"%s\", \"queries\": %zu, \"hit_1\": %.3f, \"hit_5\": %.3f, "
               "\"mrr\": %.3f, \"wanted\": %.2f}\n",
               class->name, class->queries, (double)class->first / all, among,
               class->reciprocals / all, least);
    }
    arena_destroy(&arena);
    search_reader_destroy(&reader);
    return is_bad;
}

int main(int argc, char **argv)
{
    const unsigned long number = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
    if (argc >= 4 && strcmp(argv[1], "build") == 0) {
        build(argv[2], argv[3], number > 0 ? number : COMMIT_EVERY);
    } else if (argc >= 4 && strcmp(argv[1], "ask") == 0) {
        ask(argv[2], argv[3], argc > 4 ? argv[4] : "plain",
            argc > 5 ? strtoul(argv[5], NULL, 10) : QUERIES_MAX);
    } else if (argc == 4 && strcmp(argv[1], "quality") == 0) {
        return quality(argv[2], argv[3]);
    } else {
        give_up("usage", "search_load build|ask|quality FOLDER FILE");
    }
    return 0;
}
