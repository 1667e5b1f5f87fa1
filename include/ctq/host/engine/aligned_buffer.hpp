#pragma once
// aligned_buffer: bytes that start at a multiple of 64 and are never moved.
// room: host | runs on: host | heap: yes

#include <ctq/core/integer.hpp>
#include <ctq/core/target.hpp>

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

namespace ctq::inline CTQ_TARGET::host {

/// Zeroed memory of a fixed size; every buffer is followed by 64 bytes that may be read.
class aligned_buffer {
    struct release {
        void operator()(std::byte* memory) const { ::operator delete[](memory, std::align_val_t{alignment}); }
    };
    std::unique_ptr<std::byte[], release> memory_;

  public:
    static constexpr std::size_t alignment = 64;

    explicit aligned_buffer(std::size_t bytes)
        : memory_(static_cast<std::byte*>(::operator new[](bytes + alignment, std::align_val_t{alignment}))) {
        std::memset(memory_.get(), 0, bytes + alignment);
    }

    [[nodiscard]] std::byte* data() { return memory_.get(); }
    [[nodiscard]] const std::byte* data() const { return memory_.get(); }

    /// The next multiple of the alignment.
    [[nodiscard]] static constexpr std::size_t rounded_up(std::size_t bytes) { return round_up_to(bytes, alignment); }
};

} // namespace ctq::inline CTQ_TARGET::host
