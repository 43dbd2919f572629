// A value, or the diagnostic that says why there is none.
// Public functions that read what a user wrote return this; exceptions stay inside their folder.
#pragma once

#include "seccomp_sim/diagnostic.hpp"

#include <optional>
#include <utility>
#include <variant>

namespace seccomp_sim {

/// Either a T or a diagnostic. Asking for the one that is not there throws std::bad_variant_access,
/// which is a mistake of the program and not of its user.
template <class T>
class [[nodiscard]] result {
  public:
    using value_type = T;

    result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
    result(diagnostic error) : content_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const noexcept { return content_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    T& value() & { return std::get<0>(content_); }
    const T& value() const& { return std::get<0>(content_); }
    T&& value() && { return std::get<0>(std::move(content_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    const diagnostic& error() const { return std::get<1>(content_); }

  private:
    std::variant<T, diagnostic> content_;
};

/// Success without a value, or a diagnostic.
template <>
class [[nodiscard]] result<void> {
  public:
    using value_type = void;

    result() = default;
    result(diagnostic error) : error_(std::move(error)) {}

    bool has_value() const noexcept { return !error_; }
    explicit operator bool() const noexcept { return has_value(); }
    const diagnostic& error() const { return error_.value(); }

  private:
    std::optional<diagnostic> error_;
};

} // namespace seccomp_sim
