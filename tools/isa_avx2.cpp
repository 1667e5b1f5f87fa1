// The engines' layers for AVX2 with FMA; see isa_table.hpp for what this file may do.
#if defined(__AVX2__) && defined(__FMA__)

#include <ctq/host/engine/isa_table.hpp>

const ctq_border::isa_table* ctq_isa_table_avx2() {
    return &ctq::host::isa_tables<ctq::kernels::avx2>::table;
}

#endif
