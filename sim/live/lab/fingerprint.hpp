// A 128-bit fingerprint of content, in hexadecimal. Not meant against forgery.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace seccomp_sim::live {

/// Takes content piece by piece; how it is cut into pieces does not matter.
class fingerprint {
  public:
    fingerprint();
    ~fingerprint();
    fingerprint(const fingerprint&) = delete;
    fingerprint& operator=(const fingerprint&) = delete;

    void add(std::string_view piece);
    /// 32 hexadecimal digits.
    std::string text() const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace seccomp_sim::live
