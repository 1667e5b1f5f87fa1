// error: ctq: kernel: scratch_bytes, packed_bytes, pack and run are required; derive it from the parent's kernel
#include <ctq/firmware.hpp>

struct mine : ctq::kernels::scalar {
    using parent = ctq::kernels::scalar;
};
template <ctq::signature S> struct ctq::kernels::kernel<mine, ctq::op::dense, S> {
    static constexpr void run(const auto&, const_tensors, tensors, const workspace&) {}
};

constexpr std::size_t bytes = sizeof(ctq::kernels::kernel_for<mine, ctq::op::dense, ctq::signature{}>);
