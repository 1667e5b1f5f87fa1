// The engines' layers for AVX-512 with VNNI; see isa_table.hpp for what this file may do.
#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)

#include <ctq/host/engine/isa_table.hpp>

const ctq_border::isa_table* ctq_isa_table_avx512vnni() {
    return &ctq::host::isa_tables<ctq::kernels::avx512vnni>::table;
}

#endif
