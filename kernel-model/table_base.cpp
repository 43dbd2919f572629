// The part of tables and of the journal that is for exploring: lanes, and taking changes back.
#include "seccomp_sim/table.hpp"

namespace seccomp_sim {

void journal::undo_to(const mark& where) {
    while (entries_.size() > where.entries) {
        const entry e = entries_.back();
        e.table->undo(e);
        entries_.pop_back();
    }
    used_ = where.bytes;
    objects_.resize(where.objects);
}

void table_base::enter_lanes(journal& log, index_type lanes) {
    log_ = &log;
    first_lane_ = end_;
    grow_to(end_ + lanes * lane_width);
    lanes_end_ = end_;
    used_.assign(end_, 0);
    std::fill_n(used_.begin(), first_lane_, std::uint8_t{1});
    kept_.assign(end_, 0);
    hashes_.assign(end_, 0);
    for (index_type index = 0; index < first_lane_; ++index)
        rehash(index);
}

void table_base::note_read(index_type index) const {
    if (is_live_at(index))
        log_->note_access(*this, index);
    else
        log_->note_opaque(); // what a freed object holds is in no hash
}

void table_base::note_asked(index_type index) const {
    log_->note_access(*this, index);
}

index_type table_base::allocate_in_lane() {
    const index_type lane = first_lane_ + log_->lane * lane_width;
    index_type index = lane;
    while (index < lane + lane_width && used_[index] != 0)
        note_asked(index++);
    if (index == lane + lane_width) {
        log_->note_opaque();
        // A lane that is full: the first place behind all lanes.
        for (index = lanes_end_; index < end_ && used_[index] != 0;)
            ++index;
        if (index == end_)
            add_explored();
    }
    note_asked(index);
    allocate_in_lane_at(index);
    return index;
}

void table_base::allocate_in_lane_at(index_type index) {
    log_->note(*this, index, hashes_[index], journal::change::allocated);
    used_[index] = 1;
    make_new(index);
    kept_[index] = log_->epoch();
    set_live(index, true);
    ++count_;
}

void table_base::free_in_lane(index_type index) {
    note_asked(index);
    log_->note(*this, index, hashes_[index], journal::change::freed);
    set_live(index, false);
    --count_;
    if (reuses_at_once())
        used_[index] = 0;
}

void table_base::undo(const journal::entry& e) {
    hashes_[e.index] = e.hash;
    switch (e.what) {
    case journal::change::allocated:
        used_[e.index] = 0;
        set_live(e.index, false);
        --count_;
        break;
    case journal::change::freed:
        set_live(e.index, true);
        used_[e.index] = 1;
        ++count_;
        break;
    case journal::change::written:
        restore(*log_, e);
        break;
    }
}

void table_base::repeat_words(index_type index, const object_word* first, std::size_t count,
                              std::uint64_t hash) {
    std::byte* object = keep_at(index);
    for (const object_word* w = first; w != first + count; ++w)
        std::memcpy(object + std::size_t{w->place} * sizeof w->value, &w->value, sizeof w->value);
    hashes_[index] = hash;
}

void table_base::repeat_packed(index_type index, const std::byte* packed, bool made, std::uint64_t hash) {
    if (made)
        allocate_in_lane_at(index);
    else
        keep_at(index);
    unpack_object(index, packed);
    hashes_[index] = hash;
}

void table_base::repeat_free(index_type index, std::uint64_t hash) {
    free_in_lane(index);
    hashes_[index] = hash;
}

std::uint64_t table_base::rehash(index_type index) {
    std::uint64_t hash = 0;
    if (is_live_at(index))
        hash = hash_at(index);
    else if (used_[index] != 0)
        hash = 0x9e3779b97f4a7c15ULL * (index + 1); // it was there once: the next one gets another name
    return hashes_[index] = hash;
}

void table_base::pack(std::vector<std::byte>& out) const {
    const auto put = [&](index_type value) {
        const auto* bytes = reinterpret_cast<const std::byte*>(&value);
        out.insert(out.end(), bytes, bytes + sizeof value);
    };
    index_type last = end_;
    while (last > 0 && used_[last - 1] == 0)
        --last;
    index_type listed = 0;
    for (index_type index = 0; index < last; ++index)
        listed += used_[index];
    put(listed);
    for (index_type index = 0; index < last; ++index) {
        if (used_[index] == 0)
            continue;
        const bool live = is_live_at(index);
        put(index * 2 + (live ? 1 : 0));
        if (live)
            pack_object(index, out);
    }
}

const std::byte* table_base::unpack(const std::byte* from) {
    const auto take = [&] {
        index_type value = 0;
        std::memcpy(&value, from, sizeof value);
        from += sizeof value;
        return value;
    };
    std::fill(live_.begin(), live_.end(), 0);
    std::fill(used_.begin(), used_.end(), 0);
    std::fill(hashes_.begin(), hashes_.end(), 0);
    count_ = 0;
    for (index_type left = take(); left > 0; --left) {
        const index_type entry = take();
        const index_type index = entry / 2;
        while (index >= end_)
            add_explored();
        used_[index] = 1;
        if (entry % 2 != 0) {
            from += unpack_object(index, from);
            set_live(index, true);
            ++count_;
        }
        rehash(index);
    }
    return from;
}

void table_base::add_explored() {
    grow_to(end_ + 1);
    used_.push_back(0);
    kept_.push_back(0);
    hashes_.push_back(0);
}

} // namespace seccomp_sim
