/* What Xapian alone does with the same index and the same queries, in one process on one thread:
 * its QueryParser as it comes, its weights, 20 hits: limit_xapian FOLDER QUERIES [LINES]. Prints
 * JSON. */
#include <xapian.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

enum { PAGE = 20 };

/* Processor time, as search_load.c has it. */
static double now_s()
{
    struct timespec time;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

static int measure(const char *folder, const char *queries, size_t limit)
{
    const Xapian::Database database(folder);
    Xapian::QueryParser parser;
    parser.set_database(database);
    std::ifstream file(queries);
    std::vector<double> seconds;
    size_t found = 0;
    const double start = now_s();
    for (std::string line; seconds.size() < limit && std::getline(file, line);) {
        const double begin = now_s();
        Xapian::Enquire enquire(database);
        enquire.set_query(parser.parse_query(line));
        const Xapian::MSet hits = enquire.get_mset(0, PAGE);
        found += hits.empty() ? 0 : 1;
        seconds.push_back(now_s() - begin);
    }
    const double all = now_s() - start;
    if (seconds.empty()) return 1;
    std::sort(seconds.begin(), seconds.end());
    const size_t count = seconds.size();
    std::printf("{\"queries\": %zu, \"per_second\": %.0f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, "
                "\"max_ms\": %.1f, \"found\": %.4f}\n",
                count, static_cast<double>(count) / all, seconds[count / 2] * 1e3,
                seconds[count * 99 / 100] * 1e3, seconds.back() * 1e3,
                static_cast<double>(found) / static_cast<double>(count));
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 3) return 64;
    try {
        return measure(argv[1], argv[2], argc > 3 ? std::strtoul(argv[3], nullptr, 10) : SIZE_MAX);
    } catch (const Xapian::Error &error) {
        std::fprintf(stderr, "limit_xapian: %s\n", error.get_description().c_str());
        return 1;
    }
}
