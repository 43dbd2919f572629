// The journal of a world that is explored: what each step changed, so that it can be taken back, and which
// objects it touched, so that only they are hashed anew; if asked, also what it read, so that the same step
// from there need not be taken twice. A world without one pays a test of a pointer.
#pragma once

#include "seccomp_sim/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace seccomp_sim {

class table_base;

/// Steps are taken back in the reverse of the order in which they were made.
class journal {
  public:
    enum class change : std::uint32_t { written, allocated, freed };
    struct entry {
        table_base* table;
        index_type index;
        change what;
        std::uint64_t hash;     ///< of the object before the step
        std::size_t first_byte; ///< its bytes before the step, in `bytes`
        std::uint64_t epoch;    ///< the step
    };
    /// A place in the journal to go back to.
    struct mark {
        std::size_t entries = 0;
        std::size_t bytes = 0;
        std::size_t objects = 0;
    };

    /// Begins a step: each object that is written from now on is kept once more.
    mark begin_step() {
        ++epoch_;
        return {entries_.size(), used_, objects_.size()};
    }
    /// Undoes everything since `where`.
    void undo_to(const mark& where);
    /// Forgets everything: there is nothing to go back to.
    void clear() {
        entries_.clear();
        used_ = 0;
        objects_.clear();
        ++epoch_;
    }

    const std::vector<entry>& entries() const { return entries_; }
    const std::byte* bytes_of(const entry& e) const { return &bytes_[e.first_byte]; }

    /// The epoch of the present step; a table marks what it has kept with it.
    std::uint64_t epoch() const { return epoch_; }
    /// Whose lane new objects come from (table_base::enter_lanes).
    index_type lane = 0;

    void keep_bytes(table_base& table, index_type index, std::uint64_t hash, const void* object,
                    std::size_t size) {
        entries_.push_back({&table, index, change::written, hash, used_, epoch_});
        if (bytes_.size() - used_ < size) [[unlikely]]
            bytes_.resize(2 * bytes_.size() + size);
        std::memcpy(&bytes_[used_], object, size);
        used_ += size;
    }
    void keep_object(table_base& table, index_type index, std::uint64_t hash,
                     std::shared_ptr<const void> copy) {
        entries_.push_back({&table, index, change::written, hash, objects_.size(), epoch_});
        objects_.push_back(std::move(copy));
    }
    void note(table_base& table, index_type index, std::uint64_t hash, change what) {
        entries_.push_back({&table, index, what, hash, 0, epoch_});
    }
    const void* object_of(const entry& e) const { return objects_[e.first_byte].get(); }

    /// An object that a step read, wrote, made, or asked whether it was there.
    struct access {
        const table_base* table;
        index_type index;
    };
    /// What a step depends on.
    struct access_record {
        std::vector<access> objects; ///< may name one more than once
        bool globals = false;        ///< world_globals
        bool lists = false;          ///< world_lists
        bool opaque = false; ///< and on more than that: it wrote a list, or looked at all objects of a kind
    };
    /// From now on accesses are recorded; none is so far.
    void record_accesses() {
        accesses_.objects.clear();
        accesses_.globals = accesses_.lists = accesses_.opaque = false;
        records_ = true;
    }
    const access_record& stop_recording() {
        records_ = false;
        return accesses_;
    }
    bool records() const { return records_; }
    void note_access(const table_base& table, index_type index) {
        if (records_)
            accesses_.objects.push_back({&table, index});
    }
    void note_globals() { accesses_.globals = true; }
    void note_lists() { accesses_.lists = true; }
    void note_opaque() { accesses_.opaque = true; }

  private:
    std::vector<entry> entries_;
    std::vector<std::byte> bytes_; ///< `used_` of them
    std::size_t used_ = 0;
    std::vector<std::shared_ptr<const void>> objects_; ///< of those that own memory
    std::uint64_t epoch_ = 0;
    bool records_ = false;
    access_record accesses_;
};

} // namespace seccomp_sim
