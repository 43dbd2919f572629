// A table of the world: objects of one kind, named by index. Freed objects keep their bytes, so that touching
// one is seen for what it is, and rest in a quarantine before their index is used again.
#pragma once

#include "seccomp_sim/chunks.hpp"
#include "seccomp_sim/ids.hpp"
#include "seccomp_sim/journal.hpp"
#include "seccomp_sim/mixer.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace seccomp_sim {

/// What every table has, whatever its objects: which indices are taken, and the machinery for exploring.
///
/// A table that is explored has lanes: each task makes its objects in a lane of its own, at the first index
/// there that was never used. So an object's name says who made it and as which one, and does not depend on
/// the order in which a race let tasks allocate.
class table_base {
  public:
    static constexpr index_type lane_width = 8;

    virtual ~table_base() = default;

    /// One past the greatest index ever used.
    index_type end_index() const { return end_; }
    /// How many objects are live.
    std::size_t count() const { return count_; }

    /// From now on changes are kept in `log`, and objects are allocated in lanes. Lasts as long as `log`.
    void enter_lanes(journal& log, index_type lanes);
    bool explored() const { return log_ != nullptr; }

    /// Takes one change back; the journal calls it, the last change first.
    void undo(const journal::entry& e);
    /// The hash of an object, as of the last time it was asked for; 0 for an index that was never used.
    std::uint64_t known_hash(index_type index) const { return hashes_[index]; }
    /// Hashes an object anew.
    std::uint64_t rehash(index_type index);
    virtual std::uint64_t hash_at(index_type index) const = 0;

    /// A word of an object, by its place among them.
    struct object_word {
        std::uint32_t place;
        std::uint32_t value;
    };
    /// Adds the words in which an object differs from what was kept of it. False: it owns memory.
    virtual bool add_changed_words(const journal& log, const journal::entry& kept,
                                   std::vector<object_word>& out) const = 0;
    // What a step that was the same has changed. An object that is made, or owns memory, comes packed.
    void repeat_words(index_type index, const object_word* first, std::size_t count, std::uint64_t hash);
    void repeat_packed(index_type index, const std::byte* packed, bool made, std::uint64_t hash);
    void repeat_free(index_type index, std::uint64_t hash);

    /// Appends which indices are live and which were used, and the live objects' bytes.
    void pack(std::vector<std::byte>& out) const;
    /// Becomes what was packed, all hashes known; says where its bytes end.
    const std::byte* unpack(const std::byte* from);
    /// The bytes of an object. Of a call stack only those in use. An object that owns memory writes what it
    /// owns.
    virtual void pack_object(index_type index, std::vector<std::byte>& out) const = 0;

    bool is_live_at(index_type index) const {
        return index < end_ && ((live_[index >> 6] >> (index & 63)) & 1) != 0;
    }
    /// Calls `use(index)` for each live object, by index.
    template <class Use>
    void for_each_index(Use&& use) const {
        if (log_ != nullptr)
            log_->note_opaque();
        for (std::size_t word = 0; word < live_.size(); ++word)
            for (std::uint64_t left = live_[word]; left != 0; left &= left - 1)
                use(static_cast<index_type>(word * 64 + static_cast<unsigned>(std::countr_zero(left))));
    }

  protected:
    table_base() = default;
    /// A copy is not explored until it enters lanes itself.
    table_base(const table_base& other)
        : live_(other.live_), freed_(other.freed_), next_freed_(other.next_freed_), count_(other.count_),
          end_(other.end_) {}
    table_base& operator=(const table_base&) = delete;

    virtual void grow_to(index_type end) = 0;
    virtual void make_new(index_type index) = 0;
    virtual void restore(const journal& log, const journal::entry& e) = 0;

    void set_live(index_type index, bool live) {
        const std::uint64_t bit = std::uint64_t{1} << (index & 63);
        live_[index >> 6] = live ? live_[index >> 6] | bit : live_[index >> 6] & ~bit;
    }
    void resize_live(index_type end) {
        end_ = end;
        live_.resize((std::size_t{end} + 63) / 64);
    }
    /// Keeps an object in the journal before it is written; gives its bytes.
    virtual std::byte* keep_at(index_type index) = 0;
    /// Makes an object of packed bytes; says how many bytes it took.
    virtual std::size_t unpack_object(index_type index, const std::byte* from) = 0;
    /// Whether a freed index may be used again at once, since nothing names it any more.
    virtual bool reuses_at_once() const = 0;

    // Not inlined, so that a world that is not explored pays for their tests alone.
    /// A step reads an object that must be there.
    void note_read(index_type index) const;
    /// A step asks whether there is one.
    void note_asked(index_type index) const;

    index_type allocate_in_lane();
    void allocate_in_lane_at(index_type index);
    void add_explored();
    void free_in_lane(index_type index);

    journal* log_ = nullptr;
    index_type first_lane_ = 0;
    index_type lanes_end_ = 0;
    std::vector<std::uint64_t> live_;
    std::vector<index_type> freed_;
    std::size_t next_freed_ = 0;
    std::size_t count_ = 0;
    index_type end_ = 0;
    std::vector<std::uint8_t> used_;    ///< explored only: was allocated once
    std::vector<std::uint64_t> kept_;   ///< explored only: the step in which it was kept last
    std::vector<std::uint64_t> hashes_; ///< explored only
};

/// References to objects stay valid while the table grows. An index is used again only when more than
/// `Quarantine` others were freed after it. An object is compared and hashed as bytes, or, where it owns
/// memory, by its `==` and `hash_fields`.
template <class T, std::size_t Quarantine = 256>
class table final : public table_base {
  public:
    static constexpr bool flat = std::is_trivially_copyable_v<T>;
    static_assert(!flat || std::has_unique_object_representations_v<T>, "hashed as bytes: no padding");
    static constexpr std::size_t quarantine = Quarantine;
    static constexpr index_type tag = chunks<T>::tag;

    table() = default;
    /// Copies the objects that were ever used.
    table(const table& other) : table_base(other), objects_(other.objects_, other.end_) {}
    table(table&& other) noexcept { swap(other); }
    table& operator=(const table& other) {
        table copy(other);
        swap(copy);
        return *this;
    }
    table& operator=(table&& other) noexcept {
        swap(other);
        return *this;
    }
    ~table() override {
        if constexpr (!flat)
            for (index_type index = 0; index < end_; ++index)
                std::destroy_at(&at(index));
    }

    /// A new object, default-initialised.
    id<T> allocate() {
        if (log_ != nullptr) [[unlikely]]
            return id_at(allocate_in_lane());
        ++count_;
        index_type index = end_;
        if (freed_.size() - next_freed_ > quarantine) {
            index = take_freed();
            make_new(index);
        } else {
            grow_to(index + 1);
        }
        set_live(index, true);
        return id_at(index);
    }

    /// The object stays readable as freed.
    void free(id<T> object) {
        if (log_ != nullptr) [[unlikely]]
            return free_in_lane(object.index());
        set_live(object.index(), false);
        freed_.push_back(object.index());
        --count_;
    }

    static constexpr id<T> id_at(index_type index) { return {index | tag}; }
    bool is_live(id<T> object) const {
        if (log_ != nullptr && log_->records()) [[unlikely]]
            note_asked(object.index());
        return is_live_at(object.index());
    }

    T& operator[](id<T> object) {
        T& record = objects_[object];
        if (log_ != nullptr) [[unlikely]]
            keep(object.index(), record);
        return record;
    }
    const T& operator[](id<T> object) const {
        if (log_ != nullptr && log_->records()) [[unlikely]]
            note_read(object.index());
        return objects_[object];
    }

    /// Calls `use(id, object)` for each live object, by index.
    template <class Use>
    void for_each(Use&& use) const {
        for_each_index([&](index_type index) { use(id_at(index), at(index)); });
    }

    /// Feeds the bytes of every live object, with its index, to `mix(pointer, size)`.
    template <class Mix>
    void hash(Mix&& mix) const {
        for_each([&](id<T> name, const T& object) {
            mix(&name, sizeof name);
            if constexpr (flat)
                mix(&object, sizeof object);
            else
                hash_fields(object, mix);
        });
    }

    std::uint64_t hash_at(index_type index) const override {
        mixer mix;
        mix.add(index | tag);
        if constexpr (flat)
            mix(&at(index), stored_size(at(index)));
        else
            hash_fields(at(index), mix);
        return mix.value();
    }

    void pack_object(index_type index, std::vector<std::byte>& out) const override {
        const auto put = [&](const void* data, std::size_t size) {
            const auto* bytes = static_cast<const std::byte*>(data);
            out.insert(out.end(), bytes, bytes + size);
        };
        if constexpr (flat)
            put(&at(index), stored_size(at(index)));
        else
            pack_fields(at(index), put);
    }
    bool reuses_at_once() const override { return quarantine == 0; }
    std::byte* keep_at(index_type index) override {
        keep(index, at(index));
        return reinterpret_cast<std::byte*>(&at(index));
    }
    bool add_changed_words(const journal& log, const journal::entry& kept,
                           std::vector<object_word>& out) const override {
        if constexpr (!flat) {
            return false;
        } else {
            static_assert(sizeof(T) % sizeof(object_word::value) == 0);
            using words = std::array<std::uint32_t, sizeof(T) / sizeof(object_word::value)>;
            T record{};
            if constexpr (requires { T::head_size; })
                put_stored(record, log.bytes_of(kept));
            else
                std::memcpy(static_cast<void*>(&record), log.bytes_of(kept), sizeof(T));
            const auto before = std::bit_cast<words>(record);
            const auto now = std::bit_cast<words>(at(kept.index));
            for (std::uint32_t i = 0; i < now.size(); ++i)
                if (now[i] != before[i])
                    out.push_back({i, now[i]});
            return true;
        }
    }
    std::size_t unpack_object(index_type index, const std::byte* from) override {
        T& record = at(index);
        if constexpr (!flat) {
            return unpack_fields(record, from);
        } else if constexpr (requires { T::head_size; }) {
            return put_stored(record, from);
        } else {
            std::memcpy(static_cast<void*>(&record), from, sizeof(T));
            return sizeof(T);
        }
    }

    friend bool operator==(const table& a, const table& b) {
        if (a.live_ != b.live_)
            return false;
        bool equal = true;
        a.for_each_index([&](index_type index) { equal = equal && same(a.at(index), b.at(index)); });
        return equal;
    }

  private:
    static bool same(const T& a, const T& b) {
        if constexpr (flat)
            return std::memcmp(&a, &b, sizeof(T)) == 0;
        else
            return a == b;
    }
    /// How many bytes of a record say something: a call stack's unused room is zero.
    static std::size_t stored_size(const T& record) {
        if constexpr (requires { record.stored_size(); })
            return record.stored_size();
        else
            return sizeof(T);
    }

    T& at(index_type index) { return objects_[id_at(index)]; }
    const T& at(index_type index) const { return objects_[id_at(index)]; }

    [[gnu::noinline]] void keep(index_type index, const T& record) {
        if (kept_[index] == log_->epoch())
            return;
        if (log_->records())
            note_read(index);
        kept_[index] = log_->epoch();
        if constexpr (flat)
            log_->keep_bytes(*this, index, hashes_[index], &record, stored_size(record));
        else
            log_->keep_object(*this, index, hashes_[index], std::make_shared<const T>(record));
    }
    void restore(const journal& log, const journal::entry& e) override {
        T& record = at(e.index);
        if constexpr (!flat) {
            record = *static_cast<const T*>(log.object_of(e));
        } else if constexpr (requires { T::head_size; }) {
            put_stored(record, log.bytes_of(e));
        } else {
            std::memcpy(static_cast<void*>(&record), log.bytes_of(e), sizeof(T));
        }
    }
    /// What is stored of a record, behind which all is zero; says how many bytes it is.
    static std::size_t put_stored(T& record, const std::byte* from) {
        const std::size_t before = stored_size(record);
        std::memcpy(static_cast<void*>(&record), from, T::head_size);
        const std::size_t size = stored_size(record);
        std::memcpy(reinterpret_cast<std::byte*>(&record) + T::head_size, from + T::head_size,
                    size - T::head_size);
        if (before > size)
            std::memset(reinterpret_cast<std::byte*>(&record) + size, 0, before - size);
        return size;
    }

    void grow_to(index_type end) override {
        while (end_ < end) {
            new (objects_.room_at(end_)) T;
            resize_live(end_ + 1);
        }
    }
    void make_new(index_type index) override {
        if constexpr (requires(T & used) { used.reset(); })
            at(index).reset();
        else
            at(index) = T{};
    }

    void swap(table& other) noexcept {
        std::swap(objects_, other.objects_);
        std::swap(live_, other.live_);
        std::swap(freed_, other.freed_);
        std::swap(next_freed_, other.next_freed_);
        std::swap(count_, other.count_);
        std::swap(end_, other.end_);
    }

    /// The oldest one; without a quarantine the newest, whose memory is still in the caches.
    index_type take_freed() {
        if constexpr (quarantine == 0) {
            const index_type newest = freed_.back();
            freed_.pop_back();
            return newest;
        }
        const index_type oldest = freed_[next_freed_++];
        if (next_freed_ >= 4 * quarantine && next_freed_ * 2 >= freed_.size()) {
            freed_.erase(freed_.begin(), freed_.begin() + static_cast<std::ptrdiff_t>(next_freed_));
            next_freed_ = 0;
        }
        return oldest;
    }

    chunks<T> objects_;
};

} // namespace seccomp_sim
