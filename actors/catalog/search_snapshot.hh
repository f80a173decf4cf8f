/* What a commit of the index has beside Xapian's tables, in memory: the names that facets count,
 * the words that typos are corrected to, and the row of each document. It never changes and is
 * shared by all readers of the process that have come to this commit; the next one is made of it
 * and of what the commits between have written into their logs. */
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "actors/catalog/search_xapian.hh"

namespace search
{

/* The rows of all documents, packed, and their ids, in blocks of neighbours: a commit makes anew
 * only the blocks in which something has changed and shares the others with the commit before. */
class Rows
{
  public:
    /* Reads those of all documents. */
    void load(const Xapian::Database &database);
    /* Reads those of these documents, which may be gone; in rising order. */
    void reload(const Xapian::Database &database, const std::vector<Xapian::docid> &changed);
    /* Lent until these rows change. Throws if the document has none. */
    struct text row(Xapian::docid document) const
    {
        const block *of = block_of(document);
        const size_t place = place_of(document), start = of->start(place);
        if (of->ends[place] == start) throw other_format();
        return { of->bytes() + start, of->ends[place] - start };
    }
    /* Has the processor fetch where the row begins, and then the row, of one that will be wanted.
     */
    void fetch_place(Xapian::docid document) const
    {
        __builtin_prefetch(&block_of(document)->ends[place_of(document)]);
    }
    void fetch_row(Xapian::docid document) const
    {
        const block *of = block_of(document);
        __builtin_prefetch(of->bytes() + of->start(place_of(document)));
    }
    struct uuid id(Xapian::docid document) const
    {
        return block_of(document)->ids()[place_of(document)];
    }

  private:
    enum { BLOCK = 64 };

    /* In one piece: what is counted stands together. Ids, of which few are looked at, come last. */
    struct block {
        uint16_t ends[BLOCK]; /* of each row, in the bytes */

        const char *bytes() const
        {
            return reinterpret_cast<const char *>(this + 1);
        }
        const struct uuid *ids() const
        {
            return reinterpret_cast<const struct uuid *>(bytes() + ends[BLOCK - 1]);
        }
        size_t start(size_t place) const
        {
            return place == 0 ? 0 : ends[place - 1];
        }
    };
    static_assert(BLOCK * SEARCH_ROW_BYTES_MAX <= UINT16_MAX, "ends fit");
    static_assert(alignof(struct uuid) == 1, "ids stand anywhere");

    std::vector<std::shared_ptr<const block>> blocks;

    static size_t number_of(Xapian::docid document)
    {
        return (document - 1) / BLOCK;
    }
    static size_t place_of(Xapian::docid document)
    {
        return (document - 1) % BLOCK;
    }
    const block *block_of(Xapian::docid document) const
    {
        const size_t number = number_of(document);
        if (number >= blocks.size() || blocks[number] == nullptr) throw other_format();
        return blocks[number].get();
    }
    std::string value_of(size_t number, size_t place) const;
    void put(size_t number, const std::vector<std::string> &values);
};

/* A category or vendor under one of the words of its name, folded, with what follows it. */
struct named_place {
    std::string rest;
    uint32_t number;
};

class Snapshot
{
  public:
    /* The one of the commit that the database stands at. BLOCKS others that want one meanwhile. */
    static std::shared_ptr<const Snapshot> of(const Xapian::Database &database);

    const struct search_names *names() const
    {
        return names_.get();
    }
    const struct search_words *words() const
    {
        return words_.get();
    }
    /* Lent with the snapshot. Throws if the document has none. */
    struct text row(Xapian::docid document) const
    {
        return rows.row(document);
    }
    struct uuid id(Xapian::docid document) const
    {
        return rows.id(document);
    }
    void fetch_place(Xapian::docid document) const
    {
        rows.fetch_place(document);
    }
    void fetch_row(Xapian::docid document) const
    {
        rows.fetch_row(document);
    }
    /* Every word of every category and vendor, in order; made when first wanted. */
    const std::vector<named_place> &places() const;

  private:
    std::string index; /* which one */
    log_head head{};
    std::shared_ptr<const struct search_names> names_;
    std::shared_ptr<const struct search_words> words_;
    Rows rows;
    mutable std::once_flag places_once;
    mutable std::vector<named_place> places_;

    static std::shared_ptr<const Snapshot> make(const Xapian::Database &database,
                                                const std::string &index, const log_head &head,
                                                const Snapshot *before);
    bool is_before(const std::string &other, const log_head &later) const;
    void read_names(const Xapian::Database &database, const Snapshot *before);
    void read_words(const Xapian::Database &database, const Snapshot *before);
    void read_rows(const Xapian::Database &database, const Snapshot *before);
    void make_places() const;
};

} // namespace search
