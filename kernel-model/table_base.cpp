// The part of tables and of the journal that is for exploring: lanes, and taking changes back.
#include "seccomp_sim/table.hpp"

namespace seccomp_sim {

void journal::undo_to(const mark& where) {
    while (entries_.size() > where.entries) {
        const entry e = entries_.back();
        e.table->undo(e);
        entries_.pop_back();
    }
    bytes_.resize(where.bytes);
    objects_.resize(where.objects);
}

void table_base::enter_lanes(journal& log, index_type lanes) {
    log_ = &log;
    first_lane_ = end_;
    grow_to(end_ + lanes * lane_width);
    lanes_end_ = end_;
    used_.assign(end_, false);
    std::fill_n(used_.begin(), first_lane_, true);
    kept_.assign(end_, 0);
    hashes_.assign(end_, 0);
}

index_type table_base::allocate_in_lane() {
    const index_type lane = first_lane_ + log_->lane * lane_width;
    index_type index = lane;
    while (index < lane + lane_width && used_[index])
        ++index;
    if (index == lane + lane_width) {
        // A lane that is full: the first place behind all lanes.
        for (index = lanes_end_; index < end_ && used_[index];)
            ++index;
        if (index == end_) {
            grow_to(end_ + 1);
            used_.push_back(false);
            kept_.push_back(0);
            hashes_.push_back(0);
        }
    }
    log_->note(*this, index, hashes_[index], journal::change::allocated);
    used_[index] = true;
    make_new(index);
    kept_[index] = log_->epoch();
    set_live(index, true);
    ++count_;
    return index;
}

void table_base::free_in_lane(index_type index) {
    log_->note(*this, index, hashes_[index], journal::change::freed);
    set_live(index, false);
    --count_;
}

void table_base::undo(const journal::entry& e) {
    hashes_[e.index] = e.hash;
    switch (e.what) {
    case journal::change::allocated:
        used_[e.index] = false;
        set_live(e.index, false);
        --count_;
        break;
    case journal::change::freed:
        set_live(e.index, true);
        ++count_;
        break;
    case journal::change::written:
        restore(*log_, e);
        break;
    }
}

void table_base::clear_all() {
    std::fill(live_.begin(), live_.end(), 0);
    std::fill(used_.begin() + first_lane_, used_.end(), false);
    std::fill(hashes_.begin(), hashes_.end(), 0);
    count_ = 0;
}

} // namespace seccomp_sim
