// XXH3 by libxxhash: a kernel tree is hashed at the speed it is read.
#include "sim/live/lab/fingerprint.hpp"

#include <array>
#include <new>

#include <xxhash.h>

namespace seccomp_sim::live {

struct fingerprint::state {
    XXH3_state_t* xxh = XXH3_createState();
    state() {
        if (!xxh)
            throw std::bad_alloc();
        XXH3_128bits_reset(xxh);
    }
    ~state() { XXH3_freeState(xxh); }
    state(const state&) = delete;
    state& operator=(const state&) = delete;
};

fingerprint::fingerprint() : state_(std::make_unique<state>()) {}
fingerprint::~fingerprint() = default;

void fingerprint::add(std::string_view piece) {
    XXH3_128bits_update(state_->xxh, piece.data(), piece.size());
}

std::string fingerprint::text() const {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_->xxh));
    std::string digits;
    for (const unsigned char byte : canonical.digest)
        for (const unsigned half : {byte / 16U, byte % 16U})
            digits += "0123456789abcdef"[half];
    return digits;
}

} // namespace seccomp_sim::live
