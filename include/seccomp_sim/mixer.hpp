// The hash of bytes by which worlds, objects and states are compared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace seccomp_sim {

/// A multiply-and-fold hash; the same on every machine of the same byte order.
class mixer {
  public:
    explicit mixer(std::uint64_t seed = 0x243f6a8885a308d3ULL) : state_(seed) {}
    void operator()(const void* data, std::size_t size) {
        const auto* bytes = static_cast<const unsigned char*>(data);
        for (; size >= 8; bytes += 8, size -= 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes, 8);
            add(word);
        }
        if (size > 0) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes, size);
            add(word ^ (std::uint64_t{size} << 56));
        }
    }
    void add(std::uint64_t word) {
        std::uint64_t x = (state_ ^ word) * 0x9e3779b97f4a7c15ULL;
        x ^= x >> 32;
        x *= 0xd6e8feb86659fd93ULL;
        state_ = x ^ (x >> 29);
    }
    std::uint64_t value() const { return state_; }

  private:
    std::uint64_t state_;
};

} // namespace seccomp_sim
