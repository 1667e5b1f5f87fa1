// error: ctq: executor: accumulators that are proved to fit are required, and a layer's are not
// without: + 1
#include <compile_fail/dense_model.hpp>

ctq::executor<dense_model<2147483647 - 254 * 127 - 254 * 128 + 1>> executor;
