//! The pass with AVX-512 VNNI: one instruction multiplies 64 pairs of 8-bit values and adds them into sixteen sums.
#![expect(unsafe_code, reason = "vector instructions, after asking the processor whether it has them")]

use std::arch::x86_64::{
    __m512i, _CMP_GE_OQ, _MM_HINT_T0, _mm_prefetch, _mm512_add_epi32, _mm512_castsi512_ps, _mm512_cmp_ps_mask,
    _mm512_cvtepi32_ps, _mm512_dpbusd_epi32, _mm512_load_si512, _mm512_mul_ps, _mm512_reduce_add_epi32,
    _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_si512, _mm512_storeu_ps, _mm512_sub_epi32,
};

use zeroize::Zeroizing;

use crate::block::{LANES, Line, Shape, UNROLL};
use crate::scan::Seeker;

/// Queries that share one pass: sixteen sums still fit the registers.
const TOGETHER: usize = 8;
/// Lines that are asked for ahead of their use.
const AHEAD: usize = 64;

/// Whether this processor has the instructions.
pub(crate) fn is_supported() -> bool {
    std::arch::is_x86_feature_detected!("avx512f") && std::arch::is_x86_feature_detected!("avx512vnni")
}

/// Shows the blocks to the queries, several at a time. Only where [`is_supported`].
pub(crate) fn scan(blocks: &[Line], shape: Shape, first: usize, queries: &mut [Seeker]) {
    assert!(is_supported(), "the processor has no VNNI");
    let (eights, rest) = queries.as_chunks_mut::<TOGETHER>();
    // SAFETY: the processor has the instructions that these functions are compiled for.
    eights.iter_mut().for_each(|eight| unsafe { pass::<TOGETHER, 1>(blocks, shape, first, eight) });
    // SAFETY: as above.
    rest.as_chunks_mut::<1>().0.iter_mut().for_each(|one| unsafe { pass::<1, UNROLL>(blocks, shape, first, one) });
}

/// `Q` queries, each with `U` running sums side by side (an addition must wait for the one before it).
#[target_feature(enable = "avx512f,avx512vnni")]
fn pass<const Q: usize, const U: usize>(blocks: &[Line], shape: Shape, first: usize, queries: &mut [Seeker; Q]) {
    let packed = side_by_side(queries);
    let (packed, _) = packed.as_chunks::<U>();
    for (number, block) in blocks.chunks_exact(shape.lines()).enumerate() {
        let Some((scales, groups)) = block.split_last() else { return };
        let mut sums = [[_mm512_setzero_si512(); Q]; U];
        for (lines, packs) in groups.as_chunks::<U>().0.iter().zip(packed) {
            for ((line, pack), sums) in lines.iter().zip(packs).zip(&mut sums) {
                ask_ahead(line);
                let values = load(line);
                for (sum, group) in sums.iter_mut().zip(pack) {
                    *sum = _mm512_dpbusd_epi32(*sum, values, _mm512_set1_epi32(*group));
                }
            }
        }
        let mut products = [_mm512_setzero_si512(); Q];
        for sums in &sums {
            products.iter_mut().zip(sums).for_each(|(p, s)| *p = _mm512_add_epi32(*p, *s));
        }
        let scales = _mm512_castsi512_ps(load(scales));
        for (query, product) in queries.iter_mut().zip(products) {
            let whole = _mm512_cvtepi32_ps(_mm512_sub_epi32(product, _mm512_set1_epi32(query.excess)));
            let cosines = _mm512_mul_ps(_mm512_mul_ps(whole, scales), _mm512_set1_ps(query.scale));
            if _mm512_cmp_ps_mask::<_CMP_GE_OQ>(cosines, _mm512_set1_ps(query.floor)) != 0 {
                let mut out = [0.0_f32; LANES];
                // SAFETY: `out` holds sixteen values; the instruction asks for no alignment.
                unsafe { _mm512_storeu_ps(out.as_mut_ptr(), cosines) };
                query.offer(first + number * LANES, &out);
            }
        }
    }
}

/// The queries' groups, those of one line together.
fn side_by_side<const Q: usize>(queries: &[Seeker; Q]) -> Zeroizing<Vec<[i32; Q]>> {
    let groups = queries.iter().map(|q| q.groups.len()).min().unwrap_or(0);
    let at = |line: usize| queries.each_ref().map(|q| q.groups.get(line).copied().unwrap_or(0));
    Zeroizing::new((0..groups).map(at).collect())
}

/// Reads every line and does nothing else with it. Only where [`is_supported`].
pub(crate) fn read(blocks: &[Line]) -> u64 {
    assert!(is_supported(), "the processor has no VNNI");
    // SAFETY: the processor has the instructions that this function is compiled for.
    unsafe { read_all(blocks) }
}

#[target_feature(enable = "avx512f")]
fn read_all(blocks: &[Line]) -> u64 {
    let mut sums = [_mm512_setzero_si512(); UNROLL];
    for lines in blocks.as_chunks::<UNROLL>().0 {
        for (sum, line) in sums.iter_mut().zip(lines) {
            ask_ahead(line);
            *sum = _mm512_add_epi32(*sum, load(line));
        }
    }
    let sum = sums.into_iter().fold(_mm512_setzero_si512(), |a, b| _mm512_add_epi32(a, b));
    u64::from(_mm512_reduce_add_epi32(sum).cast_unsigned())
}

#[inline]
fn ask_ahead(line: &Line) {
    // SAFETY: a hint only; an address beyond the end is allowed.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(line).wrapping_add(AHEAD).cast()) };
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(line: &Line) -> __m512i {
    // SAFETY: a line is 64 bytes, aligned to 64.
    unsafe { _mm512_load_si512(std::ptr::from_ref(line).cast()) }
}
