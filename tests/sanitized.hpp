#pragma once
// Whether the test is compiled with the address sanitizer, as in script/test's clang tree: there, without optimization,
// long tests take up to 25 times as long, and run a part of their cases.

namespace ctq::test {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool is_sanitized = true;
#elif defined(__has_feature)
inline constexpr bool is_sanitized = __has_feature(address_sanitizer);
#else
inline constexpr bool is_sanitized = false;
#endif

} // namespace ctq::test
