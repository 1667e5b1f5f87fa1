// error: ctq: vectors: an operation is missing; vector/provider.hpp lists what kernels use
// without: using used = ctq::kernels::vector::vectors_of<mine>;
#include <ctq/kernels/vector/vectors.hpp>

struct mine {};
template <> struct ctq::kernels::vector::vectors<mine> { static constexpr int lanes = 4; };

using used = ctq::kernels::vector::vectors_of<mine>;
